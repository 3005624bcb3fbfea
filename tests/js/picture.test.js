import assert from "node:assert/strict";
import { test } from "node:test";

import { classesInSight, wrapText } from "../../assets/components/linked_globes/picture.js";

const measure = (text) => text.length;

test("a caption is broken between words, and nothing of it is lost", () => {
  const text = "sphereM: sphereM(frequencies=geometric, max_radius=1, min_radius=0.1, scales=16)";
  const lines = wrapText(text, 30, measure);
  assert.equal(lines.join(" "), text);
  assert.ok(lines.length > 1);
  assert.ok(lines.filter((line) => line.includes(" ")).every((line) => line.length <= 30));
  assert.deepEqual(wrapText("short", 30, measure), ["short"]);
});

test("a saved picture names the classes on its maps where the page has no room for all", () => {
  const classes = Array.from({ length: 30 }, (_, i) => `country ${i}`);
  const rgba = Uint8Array.from({ length: 1024 }, (_, i) => i % 256);
  const panel = { scale: { classes, rgba }, a: { codes: new Uint8Array([7, 3, 3, 255]) }, b: null };
  assert.deepEqual(classesInSight([panel]), [
    { name: "country 3", color: "rgb(12,13,14)" },
    { name: "country 7", color: "rgb(28,29,30)" },
  ]);
  assert.deepEqual(classesInSight([{ ...panel, scale: { classes: classes.slice(0, 20), rgba } }]), []);
});
