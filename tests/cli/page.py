"""page.py FILE: how many pictures, tables and texts a page has; 1 if it is not sound.

Tags must match, ids be there once, links lead to an id of the page, and nothing be
fetched from elsewhere.
"""

import sys
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "link", "input"}
SPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.count, self.ids, self.links, self.faults = [], {}, [], [], []

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            elif name in ("href", "xlink:href"):
                self.links.append(value)
            elif name in ("src", "srcset", "data", "action") or tag in ("script", "link"):
                self.faults.append(f"<{tag} {name}={value}>")
            elif value and "url(" in value:
                self.links.append(value.partition("url(")[2].rstrip(")"))
            elif value and "://" in value and value not in SPACES:
                self.faults.append(f"<{tag} {name}={value}>")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        if self.open[-1:] == ["style"] and ("url(" in data or "@import" in data):
            self.faults.append("the style is elsewhere")


page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
page.close()
page.faults += [f"<{tag}> is not closed" for tag in page.open]
page.faults += [f"two ids {x}" for x in set(page.ids) if page.ids.count(x) > 1]
page.faults += [f"no {x}" for x in page.links if x[:1] != "#" or x[1:] not in page.ids]
print(*(f"{tag} {page.count.get(tag, 0)}" for tag in ("svg", "table", "pre")), sep="\n")
sys.exit("\n".join(page.faults[:5]) or 0)
