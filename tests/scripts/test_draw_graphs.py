"""The program draw_graphs, on the real workflow, and the drawing that it uses."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rule_files import BODIES

import draw_graphs
from digits.workflow import graphs
from digits.core.errors import DigitsError
from digits.workflow.graphs import (
    MOST_JOBS,
    Graph,
    ask_snakemake,
    condense,
    draw_svg,
    drop_implied,
    read_dot,
    rule_graph,
)

ROOT = Path(draw_graphs.__file__).parents[1]
CONFIG = ROOT / "config" / "config.yaml"
SNAKEFILE = ROOT / "Snakefile"
DOT = """digraph snakemake_dag {
    graph[bgcolor=white, margin=0];
    node[shape=box, style=rounded, fontname=sans, fontsize=10, penwidth=2];
    0[label = "all", color = "0.00 0.6 0.85", style="rounded"];
    1[label = "make <a> & b", color = "0.61 0.6 0.85", style="rounded,dashed"];
    2[label = "say \\"hi\\"\\nx: [5 -> 6]", color = "0.00 0.6 0.85", style="rounded"];
    2 -> 1
    2 -> 0
    1 -> 0
}"""
SVG = "{http://www.w3.org/2000/svg}"


def texts(path):
    """Return the labels of the nodes and the number of edges of a drawn graph."""
    root = ElementTree.parse(path).getroot()
    assert root.tag == f"{SVG}svg"
    groups = root.iter(f"{SVG}g")
    kinds = [(group.get("class"), group) for group in groups]
    labels = [
        text.text for kind, group in kinds if kind == "node" for text in group.iter(f"{SVG}text")
    ]
    return labels, sum(kind == "edge" for kind, _ in kinds)


@pytest.fixture
def root(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_a_graph_is_drawn_with_its_labels_and_the_edges_that_others_do_not_imply(tmp_path):
    draw_svg(read_dot(DOT), tmp_path / "new" / "a.svg")
    labels, edges = texts(tmp_path / "new" / "a.svg")
    assert sorted(labels) == ["all", "make <a> & b", 'say "hi"', "x: [5 -> 6]"]
    assert edges == 2


def test_a_graph_that_cannot_be_drawn_is_told_in_one_line(tmp_path, monkeypatch):
    failing = tmp_path / "dot"
    failing.write_text("#!/bin/sh\necho 'Error: no memory' >&2\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setattr(graphs, "GRAPHVIZ", failing)
    with pytest.raises(DigitsError, match=r"a\.svg: graphviz: Error: no memory$"):
        draw_svg(read_dot(DOT), tmp_path / "a.svg")
    assert not (tmp_path / "a.svg").exists()


def test_an_arrow_that_a_longer_way_stands_for_is_left_out():
    graph = [tuple(edge) for edge in ("ad", "ab", "bc", "ac", "cd", "bd", "ae")]
    assert drop_implied(graph) == [("a", "b"), ("b", "c"), ("c", "d"), ("a", "e")]


def test_of_a_rule_with_many_jobs_most_are_drawn_together():
    jobs = {f"t{number}": rf'"train\nfold: {number}"' for number in range(MOST_JOBS + 1000)}
    pairs = [edge for job in jobs for edge in (("split", job), (job, "page"))]
    nodes, edges = condense(Graph({"split": '"split"', **jobs, "page": '"page"'}, pairs))
    assert len(nodes) == MOST_JOBS + 3
    assert nodes[f"t{MOST_JOBS}"] == r'"train\n1,000 more"'
    assert len(edges) == 2 * (MOST_JOBS + 1)
    assert {*nodes} == {node for edge in edges for node in edge}
    few = dict(list(jobs.items())[: MOST_JOBS + 1])
    assert condense(Graph(few, [])).labels == few


def test_the_jobs_of_a_rule_are_one_node_of_the_graph_of_the_rules():
    labels = {"0": '"all"', "1": r'"train\nfold: 1"', "2": r'"train\nfold: 2"', "3": '"split"'}
    jobs = Graph(labels, [("3", "1"), ("3", "2"), ("2", "1"), ("1", "0"), ("2", "0")])
    nodes, edges = rule_graph(jobs)
    assert nodes == {"0": '"all"', "1": '"train"', "3": '"split"'}
    assert edges == [("3", "1"), ("1", "0")]


def test_the_same_graph_gives_the_same_bytes(tmp_path):
    for name in "ab":
        draw_svg(read_dot(DOT), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_colours_are_the_project_s_and_not_the_order_s_of_the_rules(tmp_path):
    draw_svg(read_dot(DOT), tmp_path / "a.svg")
    drawn = (tmp_path / "a.svg").read_text()
    other = DOT.replace("0.00 0.6", "0.33 0.6").replace("rounded,dashed", "rounded")
    draw_svg(read_dot(other), tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text() == drawn
    assert "#5b6b7a" in drawn


def test_the_rule_graph_and_the_job_graph_of_the_demo_are_drawn(tmp_path, root, capfd):
    draw_graphs.main(
        [f"--config={CONFIG}", f"--rule-graph={tmp_path}/r.svg", f"--job-graph={tmp_path}/j.svg"]
    )
    labels, edges = texts(tmp_path / "r.svg")
    # The demo has a test set of its own; a look at the data and submissions are made on request.
    absent = {"split_test", "check_data", "download_competition", "submit"}
    assert set(labels) == {*BODIES, "all"} - absent
    assert len(labels) == len(set(labels)) < edges
    labels, _ = texts(tmp_path / "j.svg")
    assert sum(label == "train_cell" for label in labels) == 6
    assert "cell: layers-5_nodes-200" in {label.strip() for label in labels}
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("experiment: demo\nnonsense: 1\n", "nonsense"),
        ("experiment: [demo\n", "Config file is not valid JSON or YAML"),
        (None, "No such file or directory"),
    ],
    ids=["unknown key", "no YAML", "missing"],
)
def test_a_broken_configuration_is_told_in_one_line(tmp_path, root, content, reason):
    path = tmp_path / "broken.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(DigitsError) as caught:
        ask_snakemake(SNAKEFILE, path)
    message = str(caught.value)
    told = re.fullmatch(r"(.+): snakemake --dag: (.+)", message)
    assert told[1] == str(path)
    assert reason in told[2]
    assert not told[2].startswith("error")


@pytest.mark.parametrize(
    ("snakefile", "reason"),
    [
        ("raise ValueError('a fault')", "ValueError: a fault"),
        ("rule all:\n    input:\n        'none.csv'",
         'MissingInputException in rule all in file "{folder}/Snakefile", line 1: Missing input'),
    ],
    ids=["exception", "missing input"],
)  # fmt: skip
def test_an_error_of_snakemake_is_told_with_its_reason(tmp_path, monkeypatch, snakefile, reason):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Snakefile").write_text(snakefile)
    with pytest.raises(DigitsError) as caught:
        ask_snakemake(tmp_path / "Snakefile", CONFIG)
    assert reason.format(folder=tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)
