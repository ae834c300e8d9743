"""Drawing the workflow as SVG: the graph of its rules and the graph of its jobs."""

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path

import networkx

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


def ask_snakemake(graph: str, snakefile: Path, config: Path) -> str:
    """Return the DOT text of a graph of the workflow in the current folder.

    Parameters
    ----------
    graph : "rulegraph" or "dag"; the latter has a node per job, whether it is up to date or not

    Raises
    ------
    DigitsError
        If Snakemake cannot make the graph.
    """
    command = [sys.executable, "-m", "snakemake", f"--{graph}", "dot", "--forceall"]
    command += ["--snakefile", str(snakefile), "--configfile", str(config)]
    # Snakemake lists rules and jobs in the order of sets, which is random without a hash seed.
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise DigitsError(f"{config}: snakemake --{graph}: {_complaint(result.stderr)}")
    return result.stdout[result.stdout.index("digraph") :]


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
    reduced = networkx.transitive_reduction(networkx.DiGraph(edges))
    return [edge for edge in edges if edge in reduced.edges]


def condense(
    nodes: Mapping[str, str], edges: Iterable[tuple[str, str]]
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Draw many jobs of a rule together: all beyond the first ``MOST_JOBS`` become one node.

    Parameters
    ----------
    nodes : the label of each, in DOT's own escapes; its first line is the rule
    edges : pairs of nodes

    Returns
    -------
    nodes and edges, each edge once
    """
    jobs: dict[str, list[str]] = {}
    for node, label in nodes.items():
        jobs.setdefault(label.strip('"').split(r"\n")[0], []).append(node)
    kept, stands_for = dict(nodes), {node: node for node in nodes}
    for rule, members in jobs.items():
        first, *others = members[MOST_JOBS:] or [None]
        if others:
            kept[first] = rf'"{rule}\n{len(others) + 1:,} more"'
            stands_for |= dict.fromkeys(others, first)
    kept = {node: label for node, label in kept.items() if stands_for[node] == node}
    drawn = ((stands_for[start], stands_for[end]) for start, end in edges)
    return kept, list(dict.fromkeys(drawn))


def draw_svg(dot: str, path: Path) -> None:
    """Lay out a graph of Snakemake's with Graphviz and draw it as SVG in the project's style.

    Arrows that others imply are left out; of a rule with many jobs, most are drawn together.

    Raises
    ------
    DigitsError
        If Graphviz cannot draw the graph.
    """
    labels, pairs = condense(dict(NODE.findall(dot)), EDGE.findall(dot))
    nodes = [f"{node} [label={label}]" for node, label in labels.items()]
    edges = [f"{start} -> {end}" for start, end in drop_implied(pairs)]
    graph = "\n".join(["digraph {", STYLE, *nodes, *edges, "}"])
    command = [GRAPHVIZ, "-Tsvg"]
    result = subprocess.run(command, input=graph.encode(), capture_output=True, check=False)
    if result.returncode:
        raise DigitsError(f"{path}: graphviz: {_complaint(result.stderr.decode())}")
    with replacing(path) as temporary:
        temporary.write_bytes(result.stdout)
