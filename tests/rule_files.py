"""The rules as their files have them, in the order in which Snakemake reads them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
INCLUDED = re.findall(r'^include: "(.+)"$', (ROOT / "Snakefile").read_text(), re.MULTILINE)
FILES = [ROOT / name for name in INCLUDED]
TEXT = "\n".join(path.read_text() for path in FILES)
_RULE = re.compile(
    r"^ *(?:rule|use rule \w+ as) (\w+)(?: with)?:\n(.*?)(?=^ *(?:use )?rule \w+|^\S|\Z)",
    re.MULTILINE | re.DOTALL,
)
BODIES = dict(_RULE.findall(TEXT))
"""What each rule says, by its name."""

ORIGINS = dict(re.findall(r"^ *use rule (\w+) as (\w+) with:", TEXT, re.MULTILINE))
"""The rules that others are made of, with those."""

TIMED = list(BODIES)[: list(BODIES).index("tabulate_costs")]
"""The rules whose costs are tabulated: the later ones report on them."""


def section(name: str, keyword: str) -> str:
    """Return what a rule, or the one that it is made of, says of its input or another directive."""
    found = re.search(rf"^( *){keyword}:\n(.*?)(?=^\1\w+:|\Z)", BODIES[name], re.M | re.DOTALL)
    origin = {variant: origin for origin, variant in ORIGINS.items()}.get(name)
    if not found and origin:
        return section(origin, keyword)
    return found[2] if found else ""


def producers(name: str) -> set[str]:
    """Return the rules whose outputs a rule takes; ingest_images by the part, as ingest_train."""
    taken = re.findall(r"rules\.(\w+)\.output[\w.]*(?:, part=\"?(\w+)\"?)?", section(name, "input"))
    return {f"ingest_{part.lower()}" if part else rule for rule, part in taken}
