"""Takes the README's picture of the lab from the lab itself: ``.venv/bin/python -m scripts.screenshot``."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.chromium import find
from tests.serving import ROOT, SOFTWARE_WEBGL, guarded_page, running

PATIENCE = 300_000  # milliseconds


def main() -> None:
    path = find()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(ROOT / "app.py", Path(folder) / "server.log") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=list(SOFTWARE_WEBGL))
        for name, address in (("start", "/"), ("train", "/train?data=relief&show=prediction")):
            with guarded_page(browser, server.url, viewport={"width": 1280, "height": 860}) as page:
                page.goto(server.url + address)
                page.locator("canvas").first.wait_for(timeout=PATIENCE)
                if name == "train":
                    page.get_by_role("button", name="Start", exact=True).click()
                    state = page.locator("[data-testid=stProgress]")
                    expect(state).to_contain_text(re.compile("Finished"), timeout=PATIENCE)
                page.wait_for_timeout(8000)  # until the globes have come to rest
                page.screenshot(path=ROOT / "docs" / f"{name}.png")


if __name__ == "__main__":
    main()
