"""Texts from files, made fit to be shown."""


def one_line(text: str) -> str:
    """Return a text in one line, without anything that a terminal or a reader would not show.

    White space of any kind, control characters among it, becomes a single space each.
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
