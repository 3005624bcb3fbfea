import assert from "node:assert/strict";
import { test } from "node:test";

import {
  dragCamera, glide, MAX_ZOOM, MIN_ZOOM, pinchFactor, roundCamera, sameCamera, toCamera, toNumbers, turnCamera,
  wheelFactor, zoomCamera,
} from "../../assets/components/linked_globes/camera.js";
import { makeView, toPlace } from "../../assets/components/linked_globes/view.js";
import { assertClose, degreesBetween } from "./helpers.js";

const BOX = { x: 0, y: 0, width: 400, height: 400 };
const CAMERA = { longitude: 20, latitude: 60, zoom: 1 };
const viewOf = (kind, camera = CAMERA, box = BOX) => makeView({ kind, edge: 50 }, camera, box);

test("three numbers and back", () => {
  assert.deepEqual(toNumbers(toCamera([20, 60, 1.5])), [20, 60, 1.5]);
  assert.deepEqual(roundCamera(toCamera([20.126, -0.004, 1.23456])), { longitude: 20.13, latitude: -0, zoom: 1.235 });
});

test("cameras are the same only in all three numbers", () => {
  assert.ok(sameCamera(CAMERA, { ...CAMERA }));
  for (const change of [{ longitude: 21 }, { latitude: 61 }, { zoom: 2 }]) {
    assert.ok(!sameCamera(CAMERA, { ...CAMERA, ...change }));
  }
  assert.ok(!sameCamera(undefined, CAMERA));
});

test("a turn wraps the longitude and stops at the poles", () => {
  assert.deepEqual(turnCamera(CAMERA, 190, 95), { longitude: -170, latitude: 90, zoom: 1 });
  assert.deepEqual(turnCamera(CAMERA, -190, -95), { longitude: 170, latitude: -90, zoom: 1 });
});

test("the zoom has limits", () => {
  assert.equal(zoomCamera(CAMERA, 2).zoom, 2);
  assert.equal(zoomCamera(CAMERA, 1e9).zoom, MAX_ZOOM);
  assert.equal(zoomCamera(CAMERA, 1e-9).zoom, MIN_ZOOM);
});

test("the ground follows the pointer across the centre of a globe", () => {
  const camera = { longitude: 179, latitude: 0, zoom: 3 };
  const view = viewOf("globe", camera);
  const held = toPlace(view, 0, 0);
  const after = dragCamera(view, camera, [0, 0], [10, -4]);
  const moved = toPlace(viewOf("globe", after), 10, -4);
  assert.ok(degreesBetween(held, moved) < 0.01); // to first order
});

test("the ground follows the pointer exactly on a world map, and around the pole on a polar map", () => {
  const world = { longitude: 20, latitude: 10, zoom: 2 };
  const box = { ...BOX, height: 200 };
  const after = dragCamera(viewOf("world", world, box), world, [50, 20], [30, 30]);
  assertClose(toPlace(viewOf("world", after, box), 30, 30), toPlace(viewOf("world", world, box), 50, 20));
  for (const kind of ["north", "south"]) {
    const turned = dragCamera(viewOf(kind), CAMERA, [100, 0], [0, 100]);
    assertClose(toPlace(viewOf(kind, turned), 0, 100), toPlace(viewOf(kind), 100, 0));
    assert.equal(turned.latitude, CAMERA.latitude);
  }
});

test("a world map that shows all latitudes only turns", () => {
  const after = dragCamera(viewOf("world"), CAMERA, [0, 0], [40, 40]);
  assertClose(after.longitude, CAMERA.longitude - 36);
  assert.equal(after.latitude, CAMERA.latitude);
});

test("the wheel zooms in upwards, out downwards, and no device jumps", () => {
  assert.ok(wheelFactor(-100) > 1 && wheelFactor(100) < 1);
  assertClose(wheelFactor(-100) * wheelFactor(100), 1);
  assert.equal(wheelFactor(-1e6), wheelFactor(-240));
});

test("a pinch zooms by the ratio of the fingers' distances", () => {
  assertClose(pinchFactor([100, 0], [200, 0], [0, 0]), 2);
  assertClose(pinchFactor([3, 4], [0, 40], [0, 0]), 4); // fingers closer than 10 pixels count as 10
});

test("a glide starts and ends exactly, and takes the short way", () => {
  const to = { longitude: -170, latitude: -30, zoom: 4 };
  const from = { longitude: 170, latitude: 30, zoom: 1 };
  assert.deepEqual(glide(from, to, 0), from);
  assert.deepEqual(glide(from, to, 1), to);
  const middle = glide(from, to, 0.5);
  assertClose([Math.abs(middle.longitude), middle.latitude, middle.zoom], [180, 0, 2]);
});
