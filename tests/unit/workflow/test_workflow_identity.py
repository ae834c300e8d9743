"""The identity of the workflow's rules: changed by what they say, not by how it is explained."""

import shutil

import pytest

from digits.workflow.code_identity import SCRIPTS
from digits.workflow.workflow_identity import CALLED, workflow_identity

SNAKEFILE = '"""The workflow."""\nmin_version("9")\n\n\nif config["a"]:\n    A = 1\nB = 2\n'
RULES = '''# Rules.
rule make_a:
    """Make a."""
    input:
        "in.csv",
    output:
        a="a.csv",
    threads: 2
    shell:
        """
        make {input}
        """


def f(x):
    """Do nothing."""
    return x
'''


def replace(root, name, old, new):
    text = (root / name).read_text()
    assert old in text
    (root / name).write_text(text.replace(old, new))


@pytest.fixture
def workflow(tmp_path):
    (tmp_path / "workflow" / "rules").mkdir(parents=True)
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "workflow/rules/a.smk").write_text(RULES)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("Snakefile", "The workflow", "All rules"),
        ("Snakefile", '"""The workflow."""\n', ""),
        ("Snakefile", "\n\n\n", "\n"),
        ("Snakefile", "A = 1", "A  =  1  # one"),
        ("Snakefile", "    A = 1", "  A = 1"),
        ("workflow/rules/a.smk", "# Rules.\n", ""),
        ("workflow/rules/a.smk", "Make a", "Make the table\n    of a"),
        ("workflow/rules/a.smk", '    """Make a."""\n', "    # Makes a.\n"),
        ("workflow/rules/a.smk", "Do nothing", "Nothing"),
    ],
)
def test_comments_and_docstrings_do_not_change_a_workflow(workflow, name, old, new):
    before = workflow_identity(workflow)
    replace(workflow, name, old, new)
    assert workflow_identity(workflow) == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("Snakefile", 'version("9")', 'version("8")'),
        ("Snakefile", "\nB = 2", "\n    B = 2"),
        ("workflow/rules/a.smk", "make_a", "make_b"),
        ("workflow/rules/a.smk", "in.csv", "on.csv"),
        ("workflow/rules/a.smk", "threads: 2", "threads: 3"),
        ("workflow/rules/a.smk", "make {input}", "take {input}"),
        ("workflow/rules/a.smk", "return x", "return -x"),
    ],
)
def test_a_value_an_indent_or_a_command_changes_a_workflow(workflow, name, old, new):
    before = workflow_identity(workflow)
    replace(workflow, name, old, new)
    assert workflow_identity(workflow) != before


def test_a_new_file_of_rules_changes_a_workflow(workflow):
    before = workflow_identity(workflow)
    (workflow / "workflow/rules/b.smk").write_text("C = 3\n")
    assert workflow_identity(workflow) != before


def test_the_real_workflow_keeps_its_identity_without_blank_lines_and_with_comments(tmp_path):
    root = SCRIPTS.parent
    (tmp_path / "workflow").mkdir()
    shutil.copytree(root / "workflow/rules", tmp_path / "workflow/rules")
    shutil.copyfile(root / "Snakefile", tmp_path / "Snakefile")
    (tmp_path / CALLED[0]).parent.mkdir(parents=True)
    for name in CALLED:
        shutil.copyfile(root / name, tmp_path / name)
    for path in [tmp_path / "Snakefile", *(tmp_path / "workflow/rules").iterdir()]:
        lines = [line for line in path.read_text().splitlines() if line.strip()]
        path.write_text("# A comment.\n\n" + "\n".join(lines))
    assert workflow_identity(tmp_path) == workflow_identity(root)


def test_an_edit_of_what_the_rules_call_changes_a_workflow(workflow):
    module = workflow / "scripts/digits/workflow/all_rules.py"
    module.parent.mkdir(parents=True)
    module.write_text("def results():\n    return 1\n")
    before = workflow_identity(workflow)
    module.write_text("def results():\n    # One.\n    return 1\n")
    assert workflow_identity(workflow) == before
    module.write_text("def results():\n    return 2\n")
    assert workflow_identity(workflow) != before
