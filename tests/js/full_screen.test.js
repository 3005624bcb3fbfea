import assert from "node:assert/strict";
import { test } from "node:test";

import { FullScreen } from "../../assets/components/linked_globes/full_screen.js";

/** The root of linked globes in a browser that gives a full screen, or refuses it as in most iframes. */
function rootOf(t, allowed) {
  const root = new EventTarget();
  const classes = new Set();
  const button = { offsetHeight: 0 };
  let full = false;
  const change = (on) => {
    full = on;
    root.dispatchEvent(new Event("fullscreenchange"));
  };
  Object.assign(root, {
    classes,
    querySelector: () => button,
    querySelectorAll: () => [{ offsetHeight: 40 }],
    classList: { toggle: (name, on) => (on ? classes.add(name) : classes.delete(name)) },
    matches: () => full,
    requestFullscreen: async () => {
      if (!allowed) throw new TypeError("not allowed");
      change(true);
    },
    showPopover() {},
    hidePopover() {},
  });
  const page = Object.assign(new EventTarget(), { exitFullscreen: () => change(false) });
  Object.assign(globalThis, { document: page, innerHeight: 900 });
  t.after(() => {
    delete globalThis.document;
    delete globalThis.innerHeight;
  });
  return { root, button, page };
}

for (const allowed of [true, false]) {
  test(`the maps fill the ${allowed ? "screen" : "page where a screen is refused"} and come back`, async (t) => {
    const { root, button } = rootOf(t, allowed);
    let changes = 0;
    const fullScreen = new FullScreen(root, () => changes++);
    for (let i = 1; i <= 2; i++) {
      await fullScreen.toggle();
      assert.ok(fullScreen.on && root.classes.has("fills"));
      assert.equal(button.textContent, "Leave full screen");
      assert.ok(fullScreen.height > 800 && fullScreen.height < 860);
      await fullScreen.toggle();
      assert.ok(!fullScreen.on && !root.classes.has("fills"));
      assert.equal(button.textContent, "Full screen");
      assert.equal(changes, 2 * i);
    }
  });
}

test("Escape leaves a filled page", async (t) => {
  const { root, page } = rootOf(t, false);
  const fullScreen = new FullScreen(root, () => {});
  await fullScreen.toggle();
  page.dispatchEvent(Object.assign(new Event("keydown"), { key: "Escape" }));
  assert.ok(!fullScreen.on);
});
