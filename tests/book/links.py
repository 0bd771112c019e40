"""Fails when a link of the built book leads nowhere: links.py BOOK. Of pages elsewhere nothing is asked."""

import html.parser
import pathlib
import sys
import urllib.parse


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors |= {attributes.get("id"), attributes.get("name")}
        self.links += [attributes[name] for name in ("href", "src") if attributes.get(name)]


root = pathlib.Path(sys.argv[1]).resolve()
pages = {path: Page(path.read_text()) for path in root.rglob("*.html")}
broken, followed = [], 0
for path, page in pages.items():
    if path.name == "404.html":  # it is shown at any address
        continue
    for link in page.links:
        parts = urllib.parse.urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
        anchor = urllib.parse.unquote(parts.fragment)
        is_there = target.is_relative_to(root) and target.exists()
        if not is_there or (anchor and target in pages and anchor not in pages[target].anchors):
            broken.append(f"{path.relative_to(root)}: {link}")
        followed += 1
print("\n".join(sorted(set(broken))) or f"{followed} links of {len(pages)} pages of the book lead somewhere")
sys.exit(bool(broken) or followed == 0)
