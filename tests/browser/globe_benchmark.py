"""Frames a second while turning four linked globes of 400 pixels: ``python -m tests.browser.globe_benchmark``.

Prints the renderer too: with software WebGL the processor does everything, so only ratios mean anything.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.chromium import find
from tests.serving import ROOT, SOFTWARE_WEBGL, guarded_page, running

TURN = """
async () => {
  const find = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.classList.contains('surface')) return element;
      const inside = element.shadowRoot && find(element.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  const surface = find(document);
  const stage = surface.closest('.stage');
  const box = surface.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const send = (kind, dx) => surface.dispatchEvent(new PointerEvent(kind, {
    pointerId: 1, button: 0, clientX: x + dx, clientY: y, bubbles: true }));
  surface.setPointerCapture = () => {};
  send('pointerdown', 0);
  const [start, before] = [performance.now(), +stage.dataset.frames];
  for (let dx = 1; performance.now() - start < 4000; dx += 3) {
    send('pointermove', 100 * Math.sin(dx / 60));
    await new Promise(requestAnimationFrame);
  }
  send('pointerup', 0);
  return (+stage.dataset.frames - before) / ((performance.now() - start) / 1000);
}
"""

CASES = {
    "values, coastlines, graticule": "lines=1",
    "the same with rings and 300 points": "lines=1&probe=1&points=1",
    "values only": "lines=0",
}


def main() -> None:
    from playwright.sync_api import sync_playwright

    app = ROOT / "tests/browser/globe_app.py"
    with (
        tempfile.TemporaryDirectory() as folder,
        running(app, Path(folder) / "server.log", {"PYTHONPATH": str(ROOT)}) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find(), args=list(SOFTWARE_WEBGL))
        for name, query in CASES.items():
            panels = "waves,second,waves:north,waves:south"
            with guarded_page(browser, server.url, viewport={"width": 1800, "height": 900}) as page:
                page.goto(f"{server.url}/?panels={panels}&cell=0.5&{query}")
                page.locator(".stage[data-frames]").wait_for()
                page.wait_for_timeout(1000)
                renderer = page.evaluate(
                    "() => { const gl = document.createElement('canvas').getContext('webgl2');"
                    "return gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info').UNMASKED_RENDERER_WEBGL); }"
                )
                size = page.locator(".surface").first.bounding_box()["width"]
                rate = page.evaluate(TURN)
            print(f"{rate:6.1f} frames/s  4 panels of {size:.0f} px, {name}  ({renderer})")
        browser.close()


if __name__ == "__main__":
    main()
