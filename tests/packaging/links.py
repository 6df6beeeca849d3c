"""The links of the HTML pages in a folder: each leads to a page there, and to a
place in it that is there once. Prints those that do not; links.py FOLDER."""

import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids[value or ""] += 1
            elif name in ("href", "src"):
                self.links.append(value or "")


def wrong(folder: Path) -> list[str]:
    pages = {p.name: Page(p.read_text(encoding="utf-8")) for p in folder.glob("*.html")}
    found = []
    for name, page in sorted(pages.items()):
        found += [f"{name}: #{i} is there {n} times" for i, n in page.ids.items() if n > 1]
        for link in page.links:
            path, _, place = link.partition("#")
            to = pages.get(path or name)
            if not (folder / (path or name)).is_file():
                found.append(f"{name}: {link} leads to no file")
            elif place and (to is None or unquote(place) not in to.ids):
                found.append(f"{name}: {link} leads to no place of that page")
    reached = {link.partition("#")[0] for link in pages["index.html"].links}
    unlisted = pages.keys() - reached - {"index.html"}
    found += [f"index.html does not list {name}" for name in sorted(unlisted)]
    return found


if __name__ == "__main__":
    out = wrong(Path(sys.argv[1]))
    print(*out, sep="\n", end="\n" if out else "")
    sys.exit(bool(out))
