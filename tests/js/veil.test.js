import assert from "node:assert/strict";
import { test } from "node:test";

import { fillPixels } from "../../assets/components/linked_globes/cpu_painter.js";
import { fillPage, layoutPanels } from "../../assets/components/linked_globes/layout.js";
import { Values } from "../../assets/components/linked_globes/values.js";
import { distanceAt, drawVeilLegend, strengthAt, veilPixel } from "../../assets/components/linked_globes/veil.js";
import { makeView } from "../../assets/components/linked_globes/view.js";
import { assertClose, degreesBetween, PLACES } from "./helpers.js";

const KM = 111.2; // in a degree
const DATA = [0, 90]; // the only training place

/** Kilometres to a place, in cells of a degree. */
function distances() {
  const codes = Array.from({ length: 180 * 360 }, (_, i) =>
    Math.round(KM * degreesBetween(DATA, [-179.5 + (i % 360), 89.5 - Math.floor(i / 360)])));
  const description = { code: "u16", rows: 180, columns: 360, frames: 1, offset: 0, step: 1, discrete: false };
  return new Values(description, Uint16Array.from(codes).buffer);
}

const VEIL = {
  distance: distances(), begins: 30 * KM, km: 60 * KM, grey: [158, 158, 158], opacity: 0.8, lines: [40, 40, 40],
  lineOpacity: 0.45, lineSpacing: 7, lineWidth: 1.3, meaning: "Veiled: a guess, over 6,672 km from all", brief: "Veiled",
};

test("the distance is that of the place, at the poles and the dateline too", () => {
  for (const place of [...PLACES, [180, 12], [-180, 12], [33, -88]]) {
    assertClose(distanceAt(VEIL, place), KM * degreesBetween(DATA, place), 1.5); // codes are whole kilometres
  }
  assert.ok(distanceAt(VEIL, DATA) < KM); // a cone has no flat top: half a cell is left
});

test("the veil grows from where it begins to where it is whole", () => {
  for (const [latitude, strength] of [[90, 0], [61, 0], [45, 0.5], [30, 1], [-90, 1]]) {
    assertClose(strengthAt(VEIL, [150, latitude]), strength, 0.001);
  }
});

/** A row of red pixels under a veil. */
const seen = (strength) => Array.from({ length: 70 }, (_, x) => {
  const pixels = new Uint8ClampedArray([255, 0, 0, 255]);
  veilPixel(VEIL, strength, pixels, 0, x + 0.5, 0.5, 1);
  return Array.from(pixels);
});
const nothing = () => {};

test("a veiled pixel is grey between the lines and darker on them, a clear one stays", () => {
  assert.ok(seen(0).every(([red, green]) => red === 255 && green === 0));
  const ground = seen(1).filter(([red, green, blue]) => red === 177 && green === 126 && blue === 126);
  assert.ok(ground.length > 40 && ground.length < 64, `${ground.length}`);
  assert.ok(Math.min(...seen(1).map(([red]) => red)) < 150);
});

test("without WebGL maps are veiled far from data only", () => {
  const view = makeView({ kind: "north", edge: 0 }, { longitude: 0, latitude: 90, zoom: 1 },
    { x: 0, y: 0, width: 101, height: 101 });
  const rgba = new Uint8Array(1024).fill(255);
  const panel = { mode: "value", a: VEIL.distance, smooth: true, scale: { classes: [], low: 0, high: 1, rgba } };
  const pixels = new Uint8ClampedArray(101 * 101 * 4);
  fillPixels(pixels, { frame: 0, wipe: 0.5, missingColor: [1, 1, 1], veil: VEIL }, panel, view, 101, 101, 1);
  const at = (row) => pixels[4 * (101 * row + 50)];
  assert.equal(at(50), 255); // the pole
  assert.ok(at(20) < 250 && at(10) < 200); // towards the equator
});

test("a layout leaves room for the legend, on a full screen too", () => {
  const panels = ["globe", "globe"].map((kind) => ({ kind, scale: { classes: [] } }));
  assert.equal(layoutPanels(panels, 900, 400, 0, 22).height, layoutPanels(panels, 900, 400).height + 22);
  assert.ok(fillPage(panels, 844, 390, 22).height <= 390);
});

test("a narrow legend is brief", () => {
  const written = [];
  const own = { measureText: (text) => ({ width: 6 * text.length }), fillText: (text) => written.push(text) };
  const context = new Proxy(own, { get: (target, name) => target[name] ?? nothing });
  for (const width of [900, 200]) drawVeilLegend(context, { font: "sans", text: "#000" }, VEIL, 0, width);
  assert.deepEqual(written, [VEIL.meaning, VEIL.brief]);
});
