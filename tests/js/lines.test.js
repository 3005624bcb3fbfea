import assert from "node:assert/strict";
import { test } from "node:test";

import { graticule, graticuleLines } from "../../assets/components/linked_globes/graticule.js";
import { haloOf, linesOver } from "../../assets/components/linked_globes/line_styles.js";
import { lineCorners, Lines, pointCenters } from "../../assets/components/linked_globes/lines.js";
import { unitVector } from "../../assets/components/linked_globes/sphere.js";
import { makeView, toScreen } from "../../assets/components/linked_globes/view.js";
import { assertClose, bytes, KINDS, PLACES } from "./helpers.js";

const BOX = { x: 0, y: 0, width: 400, height: 400 };
const viewOf = (kind, camera = {}) =>
  makeView({ kind, edge: 50 }, { longitude: 0, latitude: 0, zoom: 1, ...camera }, BOX);

test("lines know their vertices as unit vectors", () => {
  const lines = Lines.of([[[0, 0], [90, 0]], [[10, 80]]]);
  assert.deepEqual(lines.starts, [0, 2, 3]);
  assert.deepEqual([...lines.lonlat], [0, 0, 90, 0, 10, 80]);
  assertClose([...lines.vectors], [...unitVector(0, 0), ...unitVector(90, 0), ...unitVector(10, 80)], 1e-7);
});

test("lines are read from the bytes that Python writes", () => {
  const buffer = bytes(Uint32Array.of(2, 2, 1), Float32Array.of(0, 0, 90, 0, 10, 80));
  const lines = Lines.fromBuffer(buffer);
  assert.deepEqual(lines, Lines.of([[[0, 0], [90, 0]], [[10, 80]]]));
});

test("a segment becomes a rectangle around it", () => {
  const view = viewOf("world");
  const [corners, ratio, reach] = [lineCorners(view, Lines.of([[[0, 0], [90, 0]]]), 2, 3), 2, 3];
  const end = 90 * view.unit * ratio;
  assertClose([...corners], [0, reach, reach, 0, -reach, -reach, end, reach, reach, end, -reach, -reach], 1e-4);
});

test("a line across the dateline does not cross a world map", () => {
  const view = viewOf("world");
  assert.equal(lineCorners(view, Lines.of([[[170, 0], [-170, 0]]]), 1, 1).length, 0);
  assert.equal(lineCorners(viewOf("world", { longitude: 180 }), Lines.of([[[170, 0], [-170, 0]]]), 1, 1).length, 12);
});

test("lines on the far side of a globe and outside the panel are left out", () => {
  assert.equal(lineCorners(viewOf("globe"), Lines.of([[[170, 0], [-170, 0]]]), 1, 1).length, 0);
  const zoomed = viewOf("globe", { zoom: 10 });
  assert.equal(lineCorners(zoomed, Lines.of([[[40, 0], [45, 0]]]), 1, 1).length, 0);
  assert.equal(lineCorners(zoomed, Lines.of([[[-1, 0], [1, 0]]]), 1, 1).length, 12);
});

test("the end of one line is not joined to the start of the next", () => {
  const lines = Lines.of([[[0, 0], [10, 0]], [[20, 0], [30, 0]]]);
  assert.equal(lineCorners(viewOf("globe"), lines, 1, 1).length, 2 * 12);
});

test("points are where toScreen says, and only those in sight", () => {
  const points = Lines.of([PLACES]);
  for (const kind of KINDS) {
    const view = viewOf(kind, { longitude: 30, latitude: 50 });
    const visible = PLACES.map((place) => toScreen(view, ...place)).filter(Boolean);
    const centers = [...pointCenters(view, points, 2)];
    // Polar maps keep points up to 10 degrees beyond the rim, where the shader ends them.
    const inside = centers.filter((_, i) => i % 3 === 0).map((x, i) => [x / 2, centers[3 * i + 1] / 2])
      .filter(([x, y]) => (kind === "north" || kind === "south" ? Math.hypot(x, y) <= view.unit * view.extent : true));
    assert.equal(inside.length, visible.filter(([x, y]) => Math.max(Math.abs(x), Math.abs(y)) < 204).length, kind);
    inside.forEach((position, i) => assertClose(position, visible[i], 1e-3));
  }
});

test("only the cardinal meridians reach the poles", () => {
  const { lonlat, starts } = graticuleLines(30, 30);
  const tops = new Map();
  for (let line = 0; line + 1 < starts.length; line++) {
    const [first, last] = [starts[line], starts[line + 1] - 1];
    if (lonlat[2 * first] === lonlat[2 * last] && lonlat[2 * first + 1] !== lonlat[2 * last + 1]) {
      tops.set(lonlat[2 * first], lonlat[2 * last + 1]);
      assert.equal(lonlat[2 * first + 1], -lonlat[2 * last + 1]);
    }
  }
  assert.equal(tops.size, 12);
  for (const [longitude, top] of tops) assert.equal(top, longitude % 90 === 0 ? 90 : 80);
});

test("the graticule becomes denser with the zoom and is made once", () => {
  const count = (zoom) => graticule(viewOf("globe", { zoom })).starts.length;
  assert.ok(count(1) < count(4) && count(4) < count(20));
  assert.equal(graticule(viewOf("globe")), graticule(viewOf("globe")));
});

test("lines over a panel: only what the scene has, rings with a halo", () => {
  const panel = { scale: { lines: [255, 255, 255] } };
  const rings = Lines.of([[[0, 0], [1, 1]]]);
  assert.deepEqual(linesOver({}, panel, viewOf("globe")), []);
  const styles = linesOver({ graticule: true, coastlines: rings, ringLines: rings }, panel, viewOf("globe"));
  assert.deepEqual(styles.map(({ color }) => color[0]), [255, 255, 0, 255]);
  assert.deepEqual(haloOf({ lines: [0, 0, 0] }), [255, 255, 255]);
});
