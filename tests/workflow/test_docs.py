"""The documents say what is there: links, rule graph, targets."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from digits.workflow.graphs import drop_implied

ROOT = Path(__file__).resolve().parents[2]
MARKDOWN = sorted(
    path
    for folder in (".", "config", "data", "docs", "results", "scripts", "tests", "workflow")
    for path in (ROOT / folder).glob("*.md")
)
NAMES = [str(path.relative_to(ROOT)) for path in MARKDOWN]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """Drop fenced blocks, whose brackets and hashes mean something else."""
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def headings(text: str) -> set[str]:
    """Return the anchors that GitHub gives to a document's headings."""
    titles = re.findall(r"^#+ (.+)$", prose(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", NAMES)
def test_relative_links_lead_somewhere(name):
    here = ROOT / name
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(read(name))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (here.parent / path).resolve() if path else here
        assert target.exists(), link
        assert not anchor or anchor in headings(target.read_text(encoding="utf-8")), link


def test_the_documents_are_there():
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "config/README.md"} <= set(NAMES)
    assert any(name.startswith("docs/") for name in NAMES)


def test_the_readme_is_short_and_leads_to_every_document():
    text = read("README.md")
    assert len(text.splitlines()) <= 200
    documents = [name for name in NAMES if name.startswith("docs/")]
    assert [name for name in documents if f"]({name})" not in text] == []


def test_the_tree_lists_every_package_of_the_library_and_no_other():
    text = read("README.md").partition("scripts/digits/")[2].partition("\n    config/")[0]
    listed = re.findall(r"^ {6}(\w+)/ ", text, flags=re.MULTILINE)
    library = ROOT / "scripts" / "digits"
    assert sorted(listed) == sorted(path.parent.name for path in library.glob("*/__init__.py"))


def test_the_tree_names_only_files_and_folders_that_exist():
    text = read("README.md").partition("## The tree")[2]
    listed = re.findall(r"^ {4}([\w/.-]+) {2,}\S", text, flags=re.MULTILINE)
    assert len(listed) >= 10
    assert [name for name in listed if not (ROOT / name).exists()] == []


def real_graph() -> list[tuple[str, str]]:
    """Return the arrows of Snakemake's graph of the demo's rules, by their names."""
    command = [sys.executable, "-m", "snakemake", "--rulegraph", "mermaid-js", "--forceall"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    names = dict(re.findall(r"^\s*(id\d+)\[(\w+)\]$", result.stdout, flags=re.MULTILINE))
    arrows = re.findall(r"^\s*(id\d+) --> (id\d+)$", result.stdout, flags=re.MULTILINE)
    return [(names[source], names[target]) for source, target in arrows]


def test_the_readme_shows_the_rule_graph_without_arrows_that_others_imply():
    text = read("docs/workflow.md")
    (shown,) = re.findall(r"```mermaid\nflowchart TB\n(.*?)```", text, flags=re.DOTALL)
    graph = real_graph()
    assert ("write_cards", "all") in graph
    left = drop_implied(graph)
    assert ("write_cards", "all") not in left
    arrows = [f"    {source} --> {target}" for source, target in left]
    assert sorted(shown.splitlines()) == sorted(arrows)


@pytest.mark.parametrize("name", NAMES)
def test_the_make_targets_named_are_in_the_makefile(name):
    targets = set(re.findall(r"^([a-z0-9-]+):", read("Makefile"), flags=re.MULTILINE))
    assert {"run", "test"} <= targets
    code = re.findall(r"`make ([a-z0-9-]+)|^ {4}make ([a-z0-9-]+)", read(name), flags=re.MULTILINE)
    assert {first or second for first, second in code} <= targets


def tracked() -> list[Path]:
    """Return the files that are tracked or would be."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("not a git checkout")
    return [path for name in found.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_file_names_a_machine_or_a_package_index():
    # Put together here, so that this file does not hold what it looks for.
    folders = "|".join(("work", "home", "root", "Users", "tmp"))
    place = re.compile(rf"(?<![\w.}}~<>*\-])/(?:{folders})/[\w.]")
    options = ("--(?:extra-)?index-" + "url", "--find-" + "links")
    index = re.compile("|".join((*options, "/simp" + "le/", "pypi" + r"\.org")))
    found = []
    for path in tracked():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, start=1):
            if place.search(line) or index.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)
