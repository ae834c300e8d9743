"""Installed packages are compared with the pins."""

import sys
from importlib.metadata import version

import pytest

from digits.core.errors import DigitsError
from digits.workflow.packages import check_installed, installed_versions


@pytest.fixture
def site(tmp_path):
    """A folder in which three packages are installed."""
    for name in ("numpy-2.0.1", "ruamel_yaml-0.1", "Jinja2-3.1"):
        (tmp_path / "site" / f"{name}.dist-info").mkdir(parents=True)
    return tmp_path / "site"


def check(site, *lines):
    path = site.parent / "requirements.txt"
    path.write_text("# made by a tool\n" + "".join(f"{line}\n" for line in lines))
    check_installed(path, [str(site.parent / "absent"), str(site)])


def test_packages_as_pinned_are_taken_however_their_names_are_written(site):
    check(site, "numpy==2.0.1 \\", "    --hash=sha256:00", "ruamel.yaml==0.1", "jinja2[i18n]==3.1")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("numpy==2.0.2 \\", "numpy 2.0.2 is pinned, 2.0.1 is installed; run make"),
        ("scipy==1.0", "scipy 1.0 is pinned, none is installed; run make"),
        (
            "numpy==2.1 ; python_version > '3'\nscipy==1.0\njinja2==4",
            "numpy 2.1 is pinned, 2.0.1 is installed (and 2 more); run make",
        ),
    ],
)
def test_another_version_or_none_is_an_error_that_says_what_to_run(site, line, fault):
    with pytest.raises(DigitsError) as raised:
        check(site, line)
    assert str(raised.value).startswith(f"{site.parent}/requirements.txt: {fault}")


def test_pins_for_other_systems_do_not_count(site):
    check(site, "colorama==0.4.6 ; sys_platform == 'win32' \\", "    --hash=sha256:00")


def test_the_first_of_two_versions_counts_as_for_python(site):
    (site.parent / "first" / "numpy-3.0.dist-info").mkdir(parents=True)
    folders = [str(site.parent / "first"), str(site)]
    assert installed_versions(folders)["numpy"] == "3.0"


def test_it_agrees_with_the_metadata_of_the_packages_here():
    found = installed_versions(sys.path)
    for name in ("numpy", "snakemake", "pytest", "pyyaml"):
        assert found[name] == version(name)
