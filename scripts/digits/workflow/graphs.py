"""Drawing the workflow as SVG: the graph of its rules and the graph of its jobs."""

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

from digits.core.atomic_files import replacing
from digits.core.errors import DigitsError

GRAPHVIZ = Path(sysconfig.get_path("scripts"), "graphviz-pure")
"""Graphviz's ``dot`` as the package graphviz-pure ships it: one program that needs no libraries."""

STYLE = """
    graph [bgcolor=transparent, margin=0, ranksep=0.35, nodesep=0.25]
    node [shape=box, style=rounded, color="#5b6b7a", fontname="Helvetica,Arial,sans-serif"]
    node [fontsize=11, margin="0.16,0.05", height=0.3]
    edge [color="#9aa7b3", arrowsize=0.6, penwidth=1]
"""
"""Plain and legible on light paper; Snakemake's own colours follow the order of the rules."""

MOST_JOBS = 50
"""Jobs of a rule that are drawn one by one."""

# A node and an edge as Snakemake writes them, a line each; labels stand in DOT's own escapes.
NODE = re.compile(r'^\s*(\d+)\[label = ("(?:\\.|[^"\\])*")', re.MULTILINE)
EDGE = re.compile(r"^\s*(\d+) -> (\d+)", re.MULTILINE)


class Graph(NamedTuple):
    """A graph of jobs or of rules, as Snakemake wrote it.

    Attributes
    ----------
    labels : of each node, in DOT's own escapes; the first line is the rule
    edges : pairs of nodes
    """

    labels: dict[str, str]
    edges: list[tuple[str, str]]


def ask_snakemake(snakefile: Path, config: Path) -> Graph:
    """Return the graph of all jobs of the workflow in the current folder, up to date or not.

    Raises
    ------
    DigitsError
        If Snakemake cannot make the graph.
    """
    command = [sys.executable, "-m", "snakemake", "--dag", "dot", "--forceall"]
    command += ["--snakefile", str(snakefile), "--configfile", str(config)]
    # Snakemake lists jobs in the order of sets, which is random without a hash seed.
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise DigitsError(f"{config}: snakemake --dag: {_complaint(result.stderr)}")
    return read_dot(result.stdout[result.stdout.index("digraph") :])


def read_dot(dot: str) -> Graph:
    """Read a graph that Snakemake wrote."""
    return Graph(dict(NODE.findall(dot)), EDGE.findall(dot))


def _complaint(stderr: str) -> str:
    """Return the lines with the error, out of all that Snakemake prints before and after it."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()] or ["no message"]
    named = [n for n, line in enumerate(lines) if re.match(r"\w*(error|exception)\b", line, re.I)]
    return " ".join(lines[named[0] if named else -1 :][:3]).removeprefix("error: ")


def drop_implied(edges: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leave out the edges of a graph without cycles that a longer path stands for as well.

    What is left, in its order, is the transitive reduction: everything is still reached from where
    it was, by far fewer arrows.
    """
    edges = list(edges)
    ends: dict[str, set[str]] = {}
    for start, end in edges:
        ends.setdefault(start, set()).add(end)
    beyond: dict[str, set[str]] = {}  # what is reached by more than one edge
    reached: dict[str, set[str]] = {}
    for node in TopologicalSorter(ends).static_order():  # a node after all that it leads to
        direct = ends.get(node, set())
        beyond[node] = set().union(*(reached[end] for end in direct))
        reached[node] = direct | beyond[node]
    return [(start, end) for start, end in edges if end not in beyond[start]]


def rule_of(label: str) -> str:
    """Return the rule of a job by its label."""
    return label.strip('"').split(r"\n")[0]


def rule_graph(jobs: Graph) -> Graph:
    """Return the graph of the rules of a graph of jobs: those of a rule become one node."""
    rules = {node: rule_of(label) for node, label in jobs.labels.items()}
    return together(Graph({node: f'"{rule}"' for node, rule in rules.items()}, jobs.edges), rules)


def condense(jobs: Graph) -> Graph:
    """Draw many jobs of a rule together: all beyond the first ``MOST_JOBS`` become one node."""
    members: dict[str, list[str]] = {}
    for node, label in jobs.labels.items():
        members.setdefault(rule_of(label), []).append(node)
    labels, groups = dict(jobs.labels), {node: node for node in jobs.labels}
    for rule, nodes in members.items():
        first, *others = nodes[MOST_JOBS:] or [None]
        if others:
            labels[first] = rf'"{rule}\n{len(others) + 1:,} more"'
            groups |= dict.fromkeys(others, first)
    return together(Graph(labels, jobs.edges), groups)


def together(graph: Graph, groups: Mapping[str, str]) -> Graph:
    """Return a graph in which the first node of each group stands for all; each edge is there once.

    Parameters
    ----------
    groups : the group of each node
    """
    first: dict[str, str] = {}
    for node in graph.labels:
        first.setdefault(groups[node], node)
    edges = ((first[groups[start]], first[groups[end]]) for start, end in graph.edges)
    labels = {node: graph.labels[node] for node in first.values()}
    return Graph(labels, [(start, end) for start, end in dict.fromkeys(edges) if start != end])


def draw_svg(graph: Graph, path: Path) -> None:
    """Lay out a graph with Graphviz and draw it as SVG in the project's style.

    Arrows that others imply are left out.

    Raises
    ------
    DigitsError
        If Graphviz cannot draw the graph.
    """
    nodes = [f"{node} [label={label}]" for node, label in graph.labels.items()]
    edges = [f"{start} -> {end}" for start, end in drop_implied(graph.edges)]
    dot = "\n".join(["digraph {", STYLE, *nodes, *edges, "}"])
    command = [GRAPHVIZ, "-Tsvg"]
    result = subprocess.run(command, input=dot.encode(), capture_output=True, check=False)
    if result.returncode:
        raise DigitsError(f"{path}: graphviz: {_complaint(result.stderr.decode())}")
    with replacing(path) as temporary:
        temporary.write_bytes(result.stdout)
