"""Reading a page of HTML back as plain lists."""

from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br", "hr", "input", "col"}


class Page(HTMLParser):
    """A page as lists: elements with attributes, tables as rows of texts; tags must balance."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.tables, self.text = [], [], {}, ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"attribute twice in {tag}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "caption":
            self.rows = self.tables[dict(attrs)["id"]] = []
        elif tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.text += " " if tag in {"dt", "dd", "li", "p"} else ""

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.text += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def words(self):
        return " ".join(self.text.split())
