"""Pictures of the workflow: the graph of its rules and the graph of its jobs."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pygraphviz

from digits.errors import DigitsError
from digits.files import replacing
from digits.program import silent_stderr

STYLE = {
    "graph": {"bgcolor": "transparent", "margin": "0", "ranksep": "0.35", "nodesep": "0.25"},
    "node": {
        "shape": "box",
        "style": "rounded",
        "color": "#5b6b7a",
        "fontname": "Helvetica,Arial,sans-serif",
        "fontsize": "11",
        "margin": "0.12,0.05",
        "height": "0.3",
    },
    "edge": {"color": "#9aa7b3", "arrowsize": "0.6", "penwidth": "1"},
}
"""Plain and legible on light paper; Snakemake's own colours follow the order of the rules."""


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
    # Snakemake lists rules and jobs in the order of sets, which Python shuffles unless told.
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise DigitsError(f"{config}: snakemake --{graph}: {_complaint(result.stderr)}")
    return result.stdout[result.stdout.index("digraph") :]


def _complaint(stderr: str) -> str:
    """Find the lines that tell the error; Snakemake says a lot before and after them."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()] or ["no message"]
    named = [n for n, line in enumerate(lines) if re.match(r"\w*(error|exception)\b", line, re.I)]
    return " ".join(lines[named[0] if named else -1 :][:3]).removeprefix("error: ")


def drop_implied(graph: pygraphviz.AGraph) -> None:
    """Take those edges out of a graph without cycles that a longer path stands for as well.

    What is left is its transitive reduction (Aho, Garey and Ullman 1972, SIAM Journal on Computing
    1, 131-137): everything is still reached from where it was, by far fewer arrows.
    """
    following = {node: set(graph.successors(node)) for node in graph.nodes()}

    @cache
    def reached(node: str) -> frozenset[str]:
        return frozenset(following[node]).union(*map(reached, following[node]))

    for node, nearest in following.items():
        for end in sorted(nearest):
            if any(end in reached(other) for other in nearest - {end}):
                graph.remove_edge(node, end)


def draw_svg(dot: str, path: Path) -> None:
    """Lay out DOT text with Graphviz's ``dot`` and draw it as SVG in the project's style.

    Arrows that others imply are left out.
    """
    graph = pygraphviz.AGraph(string=dot)
    drop_implied(graph)
    for node in graph.nodes():
        node.attr["color"] = STYLE["node"]["color"]
        node.attr["style"] = STYLE["node"]["style"]
    graph.graph_attr.update(STYLE["graph"])
    graph.node_attr.update(STYLE["node"])
    graph.edge_attr.update(STYLE["edge"])
    # Graphviz tells of every oddity in the system's font settings, which are no concern here.
    with replacing(path) as temporary, silent_stderr():
        # Given a path, it opens the file in a way that Python 3.11.2, Debian 12's, does not know.
        temporary.write_bytes(graph.draw(format="svg", prog="dot"))
