import assert from "node:assert/strict";
import { test } from "node:test";

import { fillPixels } from "../../assets/components/linked_globes/cpu_painter.js";
import { CLASS_COLORS, colorIndex, panelValue, Values } from "../../assets/components/linked_globes/values.js";
import { makeView } from "../../assets/components/linked_globes/view.js";
import { assertClose, PLACES } from "./helpers.js";

const ROWS = 18; // cells of 10 degrees
const COLUMNS = 36;
const STEP = 2 / 65534;

/** A function that is smooth across the poles and the dateline. */
const smoothFunction = (longitude, latitude) =>
  Math.cos((latitude * Math.PI) / 180) * Math.cos(((longitude - 20) * Math.PI) / 180);

const cellCenters = Array.from({ length: ROWS * COLUMNS }, (_, i) =>
  [-175 + 10 * (i % COLUMNS), 85 - 10 * Math.floor(i / COLUMNS)]);

function valuesOf(functions, changes = {}) {
  const codes = functions.flatMap((f) => cellCenters.map((place) => Math.round((f(...place) + 1) / STEP)));
  const description = {
    code: "u16", rows: ROWS, columns: COLUMNS, frames: functions.length, offset: -1, step: STEP, discrete: false,
  };
  return new Values({ ...description, ...changes }, Uint16Array.from(codes).buffer);
}

test("codes are decoded at the centres of cells", () => {
  const values = valuesOf([smoothFunction]);
  for (const place of cellCenters) {
    assertClose(values.sample(0, ...place, true), smoothFunction(...place), STEP);
    assertClose(values.sample(0, ...place, false), smoothFunction(...place), STEP);
  }
});

test("values between the centres are bilinear, across the poles and the dateline too", () => {
  const values = valuesOf([smoothFunction]);
  const bound = (2 * (Math.PI / 18) ** 2) / 8 + STEP; // of bilinear interpolation: both second derivatives are 1
  for (const place of [...PLACES, [180, 5], [-180, 5], [179.9, -40], [12, 89.9], [12, 90], [77, -90]]) {
    assertClose(values.sample(0, ...place, true), smoothFunction(...place), bound);
  }
  assertClose(values.sample(0, 180, 5, true), values.sample(0, -180, 5, true));
  const [a, b] = [values.sample(0, 5, 15, true), values.sample(0, 15, 15, true)];
  assertClose(values.sample(0, 7.5, 15, true), 0.75 * a + 0.25 * b);
});

test("without smoothness a cell has one value", () => {
  const values = valuesOf([smoothFunction]);
  const center = values.sample(0, 25, 45, false);
  for (const place of [[20.1, 40.1], [29.9, 49.9]]) assert.equal(values.sample(0, ...place, false), center);
  assert.notEqual(values.sample(0, 30.1, 45, false), center);
  assert.ok(Number.isFinite(values.sample(0, 180, 90, false)) && Number.isFinite(values.sample(0, -180, -90, false)));
});

test("cells beyond a pole are those half way round", () => {
  const values = valuesOf([(longitude, latitude) => longitude / 1000 + latitude / 1000]);
  assert.equal(values.cell(0, -1, 3), values.cell(0, 0, 3 + COLUMNS / 2));
  assert.equal(values.cell(0, ROWS, 30), values.cell(0, ROWS - 1, 30 - COLUMNS / 2));
  assert.equal(values.cell(0, 4, -1), values.cell(0, 4, COLUMNS - 1));
  assert.equal(values.cell(0, 4, COLUMNS), values.cell(0, 4, 0));
});

test("one missing neighbour makes a smooth value missing", () => {
  const values = valuesOf([smoothFunction]);
  values.codes[9 * COLUMNS + 18] = 0xffff; // the cell around 5 E, 5 S
  assert.ok(Number.isNaN(values.sample(0, 5, -5, false)));
  assert.ok(Number.isNaN(values.sample(0, 14, -5, true)));
  assert.ok(Number.isFinite(values.sample(0, 14, -5, false)));
  assert.ok(Number.isFinite(values.sample(0, 15.1, -5, true)));
});

test("bytes are classes and floats are values", () => {
  const grid = { rows: 2, columns: 2, frames: 1, offset: 0, step: 1 };
  const classes = new Values({ ...grid, code: "u8", discrete: true }, Uint8Array.of(0, 1, 2, 255).buffer);
  const centers = [[-90, 45], [90, 45], [-90, -45], [90, -45]];
  assert.deepEqual(centers.map((place) => classes.sample(0, ...place, true)), [0, 1, 2, NaN]);
  assert.equal(classes.sample(0, -10, 40, true), 0); // no mean of two classes
  const floats = Float32Array.of(1e6, -0.5, 0, 0);
  new Uint32Array(floats.buffer)[3] = 0xffffffff;
  const numbers = new Values({ ...grid, code: "f32", discrete: false }, floats.buffer);
  assert.deepEqual([0, 1, 2, 3].map((i) => numbers.cell(0, i >> 1, i % 2)), [1e6, -0.5, 0, NaN]);
});

test("each frame has its own cells", () => {
  const values = valuesOf([() => 0.25, () => 0.75]);
  assertClose(values.sample(1, 5, 5, true), 0.75, STEP);
  assert.equal(values.frameCodes(1).length, ROWS * COLUMNS);
  assert.equal(values.frameCodes(1)[0], values.codes[ROWS * COLUMNS]);
});

test("a panel shows a value, a difference, or the side of a wipe; the last frame stays", () => {
  const [a, b] = [valuesOf([() => 0.5, () => 0.6]), valuesOf([() => 0.25])];
  const at = (mode, frame, right) => panelValue({ mode, a, b, smooth: true }, frame, 5, 5, right);
  assertClose(at("value", 0, true), 0.5, STEP);
  assertClose(at("difference", 1, true), 0.35, 2 * STEP);
  assertClose(at("wipe", 0, false), 0.5, STEP);
  assertClose(at("wipe", 7, true), 0.25, STEP);
});

test("colours: 256 equal steps, and the ends beyond the limits", () => {
  const scale = { classes: [], low: -1, high: 1 };
  const expected = [[-9, 0], [-1, 0], [-1 + 1.5 / 128, 1], [0, 128], [0.9999, 255], [1, 255], [9, 255]];
  for (const [value, index] of expected) assert.equal(colorIndex(scale, value), index);
  assert.equal(colorIndex({ classes: ["a", "b"] }, 1), 1);
  assert.equal(colorIndex({ classes: ["a", "b"] }, CLASS_COLORS + 1), 1); // colours begin anew
});

test("without WebGL each pixel has its place's colour, and none outside the map", () => {
  const camera = { longitude: 20, latitude: 0, zoom: 1 };
  const view = makeView({ kind: "globe", edge: 50 }, camera, { x: 0, y: 0, width: 41, height: 41 });
  const rgba = Uint8Array.from({ length: 1024 }, (_, i) => (i % 4 === 3 ? 255 : i >> 2));
  const scale = { classes: [], low: -1, high: 1, rgba };
  const panel = { mode: "value", a: valuesOf([smoothFunction]), smooth: true, scale };
  const scene = { frame: 0, wipe: 0.5, missingColor: [1, 0.5, 0] };
  const pixels = new Uint8ClampedArray(41 * 41 * 4);
  fillPixels(pixels, scene, panel, view, 41, 41, 1);
  assert.deepEqual(Array.from(pixels.slice(0, 4)), [0, 0, 0, 0]);
  const middle = 4 * (20 * 41 + 20);
  assert.ok(pixels[middle] >= 254 && pixels[middle + 3] === 255); // the value is 1 less the interpolation's error
  panel.a.codes.fill(0xffff);
  fillPixels(pixels, scene, panel, view, 41, 41, 1);
  assert.deepEqual(Array.from(pixels.slice(middle, middle + 4)), [255, 128, 0, 255]);
});
