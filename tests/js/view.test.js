import assert from "node:assert/strict";
import { test } from "node:test";

import { Lines } from "../../assets/components/linked_globes/lines.js";
import {
  isInBox, makeView, projector, rimRadius, toPlace, toScreen,
} from "../../assets/components/linked_globes/view.js";
import { assertClose, degreesBetween, KINDS, PLACES } from "./helpers.js";

const BOX = { x: 20, y: 50, width: 400, height: 400 };
const CAMERAS = [
  { longitude: 0, latitude: 0, zoom: 1 },
  { longitude: -170, latitude: 62, zoom: 1.7 },
  { longitude: 180, latitude: -90, zoom: 1 },
  { longitude: 35, latitude: 90, zoom: 12 },
];
const views = (kinds = KINDS) =>
  kinds.flatMap((kind) => CAMERAS.map((camera) => makeView({ kind, edge: 50 }, camera, BOX)));

test("a position and its place belong together, in every kind of map", () => {
  for (const view of views()) {
    let shown = 0;
    for (const place of PLACES) {
      const position = toScreen(view, ...place);
      if (!position) continue;
      shown += 1;
      assert.ok(degreesBetween(toPlace(view, ...position), place) < 1e-6, `${view.kind} ${place}`);
    }
    assert.ok(shown >= PLACES.length / 10, `${view.kind}: ${shown}`);
  }
});

test("a globe shows the half towards the camera, a polar map its cap, a world map everything", () => {
  for (const view of views()) {
    for (const [longitude, latitude] of PLACES) {
      const visible = {
        globe: degreesBetween([longitude, latitude], [view.longitude, view.latitude]) < 90,
        north: latitude > 50,
        south: latitude < -50,
        world: true,
      }[view.kind];
      assert.equal(Boolean(toScreen(view, longitude, latitude)), visible);
    }
  }
});

test("north is up and east is right at the centre of a globe", () => {
  const view = makeView({ kind: "globe", edge: 50 }, CAMERAS[1], BOX);
  const center = [CAMERAS[1].longitude, CAMERAS[1].latitude];
  assertClose(toScreen(view, ...center), [0, 0]);
  const [northX, northY] = toScreen(view, center[0], center[1] + 1);
  const [eastX, eastY] = toScreen(view, center[0] + 1, center[1]);
  assert.ok(Math.abs(northX) < 1e-9 && northY > 0 && eastX > 0 && Math.abs(eastY) < eastX / 10);
});

test("the camera's meridian points down on a map of the north and up on one of the south", () => {
  const camera = { longitude: 35, latitude: 0, zoom: 1 };
  const [north, south] = ["north", "south"].map((kind) => makeView({ kind, edge: 50 }, camera, BOX));
  assert.ok(toScreen(north, 35, 60)[1] < 0 && toScreen(north, 125, 60)[0] > 0);
  assert.ok(toScreen(south, 35, -60)[1] > 0 && toScreen(south, 125, -60)[0] > 0);
});

test("polar maps are equal-area", () => {
  const view = makeView({ kind: "north", edge: 0 }, CAMERAS[0], BOX);
  const radius = (latitude) => Math.hypot(...toScreen(view, 0, latitude)) / view.unit;
  for (const latitude of [10, 45, 80, 89]) {
    assertClose(Math.PI * radius(latitude) ** 2, 2 * Math.PI * (1 - Math.sin((latitude * Math.PI) / 180)));
  }
});

test("outside the map there is no place", () => {
  for (const view of views(["globe", "north", "south"])) {
    const radius = view.unit * rimRadius(view);
    assert.ok(toPlace(view, 0, 0.999 * radius) && toPlace(view, -0.999 * radius, 0));
    assert.equal(toPlace(view, 0, 1.001 * radius), null);
  }
  const world = makeView({ kind: "world", edge: 50 }, CAMERAS[0], { ...BOX, height: 200 });
  assert.equal(toPlace(world, 0, 101), null);
  assert.equal(toPlace(world, 201, 0), null);
});

test("a world map stops where its edge would come into sight", () => {
  const box = { ...BOX, height: 200 };
  const latitudeAt = (latitude, zoom) =>
    makeView({ kind: "world", edge: 50 }, { longitude: 0, latitude, zoom }, box).latitude;
  assert.equal(latitudeAt(80, 1), 0);
  assert.equal(latitudeAt(80, 2), 45);
  assert.equal(latitudeAt(-80, 2), -45);
  assert.equal(latitudeAt(30, 2), 30);
});

test("the projector of many vertices agrees with toScreen", () => {
  const lines = Lines.of([PLACES]);
  const position = [0, 0];
  for (const view of views()) {
    const project = projector(view, lines);
    PLACES.forEach((place, i) => {
      const expected = toScreen(view, ...place);
      const visible = project(i, position);
      if (expected) {
        assert.ok(visible);
        assertClose(position, expected, 1e-3 * Math.max(1, view.unit / 100)); // vectors are 32-bit floats
      } else if (view.kind === "globe") assert.ok(!visible);
      else assert.ok(!visible || Math.hypot(...position) > view.unit * view.extent); // a little beyond the rim
    });
  }
});

test("a box ends at half its sides, less the margin", () => {
  const view = { box: { width: 100, height: 60 } };
  assert.ok(isInBox(view, [50, -30]));
  assert.ok(!isInBox(view, [50.1, 0]));
  assert.ok(!isInBox(view, [0, 30.1]));
  assert.ok(!isInBox(view, [45, 0], 6, 0));
  assert.ok(!isInBox(view, [0, -27], 0, 4));
});
