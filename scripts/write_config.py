"""Write the configuration of an experiment as YAML, with all defaults filled in."""

import json
from pathlib import Path

import yaml

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import write_text


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--config", type=json.loads, required=True, help="as JSON")
    parser.add_argument("--output", type=Path, required=True, help="YAML to write")
    arguments = parser.parse_args(argv)

    # PyYAML loses some exotic line ends unless it escapes them; letters are kept as they are.
    readable = json.dumps(arguments.config, ensure_ascii=False).isprintable()
    text = yaml.safe_dump(
        arguments.config, sort_keys=True, allow_unicode=readable, default_flow_style=None, width=100
    )
    write_text(arguments.output, text)


if __name__ == "__main__":
    job.run(main)
