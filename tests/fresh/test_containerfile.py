"""The Containerfile's instructions, carried out in a minimal Debian in place of its base image."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from bare_system import build_system
from containerfile import Image

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Containerfile").read_text()
STRANGER = 12345

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can build a Debian system"),
    pytest.mark.skipif(shutil.which("mmdebstrap") is None, reason="mmdebstrap is not installed"),
]


@pytest.fixture(params=["requirements.txt", "requirements-gpu.txt"])
def image(request):
    with tempfile.TemporaryDirectory(prefix="image-", ignore_cleanup_errors=True) as folder:
        try:
            system = build_system("trixie", Path(folder, "root"))
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no trixie can be built here: {error}")
        image = Image(system, ROOT)
        image.build(TEXT, REQUIREMENTS=request.param)
        yield image


def start(image, *arguments, user):
    """Run the image's command, or the arguments in place of it, as ``podman run`` does."""
    command = shlex.join([*image.entrypoint, *(arguments or image.command)])
    run = image.system.run(command, image.folder, user=user, home=None, variables=image.variables)
    print(run.stdout)
    assert run.returncode == 0
    return run.stdout


def test_the_image_runs_the_demo_as_root_and_as_a_user_without_name_and_home(image):
    python = image.system.run("python3 --version", "/").stdout
    assert python.split()[1].startswith(re.search(r"python:([\d.]+)-slim", image.base)[1] + ".")
    printed = start(image, user=STRANGER)
    assert not re.search(r"Traceback|warning|deprecat", printed, flags=re.IGNORECASE)
    assert image.path("results/demo/report/index.html").is_file()
    assert "Nothing to be done" in start(image, "-n", "--cores", "4", user=STRANGER)
    assert "Nothing to be done" in start(image, "-n", "--cores", "4", user=0)
