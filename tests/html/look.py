"""Opens each page of a directory in Chromium, light and dark; see tests/html/run."""

import pathlib
import shutil
import sys

from playwright.sync_api import sync_playwright

directory = pathlib.Path(sys.argv[1]).resolve()
pages = sorted(directory.glob("*.html"))
assert pages
problems = []
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    for path in pages:
        for scheme in ["light", "dark"]:
            page = browser.new_page(color_scheme=scheme, viewport={"width": 1100, "height": 900})
            own = path.as_uri()
            page.on("request", lambda it: it.url.split("#")[0] == own or problems.append(f"{path.name} asks for {it.url}"))
            page.on("console", lambda it: problems.append(f"{path.name}: {it.text}"))
            page.goto(own)
            page.screenshot(path=directory / f"{path.stem}-{scheme}.png", full_page=path.stem != "many")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                problems.append(f"{path.name} is wider than its window")
            headings = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(it => +it.tagName[1])")
            if headings.count(1) != 1 or any(after > before + 1 for before, after in zip(headings, headings[1:])):
                problems.append(f"{path.name}: headings {headings[:9]}")
            boxes = page.locator("svg a")
            for index in range(min(boxes.count(), 3)):
                boxes.nth(index).focus()
                if not page.evaluate("document.activeElement.closest('svg a') !== null"):
                    problems.append(f"{path.name}: box {index} takes no focus")
                page.keyboard.press("Enter")
                if page.evaluate("document.querySelector(':target') === null"):
                    problems.append(f"{path.name}: box {index} leads nowhere")
            page.close()
    browser.close()
print("\n".join(problems) or f"{len(pages)} pages, light and dark: no problem")
sys.exit(bool(problems))
