"""docker-compose.yml and Dockerfile: what they set is what the portal reads, and what a container runs, runs."""

import os
import re
import socket
import subprocess
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from json import loads

import pytest
import yaml

from portal import configuration
from portal.embedded.layout import PROJECT, Layout
from tests.portal.test_backup import Place

COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "concordat"}
VARIABLE = re.compile(r"\$\{(\w+)(?::-((?:[^{}]|\$\{[^}]*\})*))?\}")


def filled(text: str) -> str:
    """What compose makes of a value when nothing is set."""
    while VARIABLE.search(text):
        text = VARIABLE.sub(lambda match: match[2] or "", text)
    return text


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_one_that_settings_read(name):
    """A misspelt variable would be ignored in silence; values may be set in .env under the same names."""
    known = {variable.name for variable in configuration.ENVIRONMENT}
    environment = OURS[name]["environment"]
    assert set(environment) <= known
    for variable, value in environment.items():
        assert {match[0] for match in VARIABLE.findall(value)} - {"PORTAL_PORT"} == {variable}


def test_a_trial_needs_no_editing(tmp_path):
    """Without any .env the settings are whole; only set-up knows the owner and the superuser."""
    environment = {key: filled(value) for key, value in OURS["web"]["environment"].items()}
    values = configuration.read(environment, Layout(tmp_path))
    assert (values["PORTAL_URL"], values["PORTAL_DEMO"]) == ("http://localhost:8000", True)
    assert (values["DATABASE"]["HOST"], values["DATABASE"]["USER"]) == ("postgres", "portal_app")
    secret = {"PORTAL_OWNER_DATABASE_URL", "PORTAL_SUPERUSER_DATABASE_URL"}
    assert {name for name, service in OURS.items() if secret & set(service["environment"])} == {"setup"}
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert [filled(port) for port in published] == ["127.0.0.1:8000:8000"]


def test_the_image_has_what_bootstrap_installs():
    """One list of Debian packages would drift from the other."""
    listed = re.search(r'server_packages="([^"]+)"', (PROJECT / "script/bootstrap").read_text())[1].split()
    image = (PROJECT / "Dockerfile").read_text()
    assert set(listed) <= set(image.split())
    assert "--require-hashes -r requirements.txt" in image


@pytest.mark.server
def test_what_the_containers_run_runs(own_database, tmp_path):
    """The containers' own commands, with a database and a Redis that are here: ready, and a second set-up changes nothing."""
    layout = Layout(tmp_path / "data")
    layout.make()
    path = f"{PROJECT / '.venv/bin'}:{os.environ['PATH']}"
    environment = {key: filled(value) for key, value in OURS["setup"]["environment"].items()}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    here = {"PATH": path, "REDIS_URL": os.environ["REDIS_URL"], "PORTAL_PORT": str(port), "PORTAL_DEMO": "0"}
    environment |= Place(layout.home, own_database).env(**here, PORTAL_URL=f"http://localhost:{port}")

    def run(*words):
        return subprocess.run(
            ["script/container", *words], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
        )

    first = run("setup")
    assert first.returncode == 0, first.stderr
    assert "The tables are up to date." in first.stdout
    with ExitStack() as stack:
        for name in ("web", "worker", "beat"):
            log = stack.enter_context((tmp_path / f"{name}.log").open("w"))
            command = ["script/container", *OURS[name]["command"]]
            process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log, process_group=0)
            stack.callback(process.wait, 60)
            stack.callback(os.killpg, process.pid, 15)
        deadline, answer = time.monotonic() + 120, {}
        while answer.get("status") != "ready" and time.monotonic() < deadline:
            time.sleep(0.5)
            try:
                connection = HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("GET", "/readyz", headers={"Host": f"localhost:{port}"})
                answer = loads(connection.getresponse().read())
            except OSError:
                continue
        assert answer["status"] == "ready", answer
        doctor = run("doctor")
        assert doctor.returncode == 0, doctor.stdout
        assert "Worker         last ran" in doctor.stdout


def test_no_secret_is_copied_into_the_image():
    """The .env beside docker-compose.yml holds passwords, an archive of `backup` holds everything."""
    left_out = (PROJECT / ".dockerignore").read_text().splitlines()
    assert {".env*", "*.tar", "var"} <= set(left_out)
