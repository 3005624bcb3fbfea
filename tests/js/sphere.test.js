import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  circleAround, destination, EARTH_RADIUS_KM, unitVector, wrapLongitude,
} from "../../assets/components/linked_globes/sphere.js";
import { assertClose, degreesBetween, PLACES } from "./helpers.js";

const KM_PER_DEGREE = (EARTH_RADIUS_KM * Math.PI) / 180;

test("the Earth is as large as in Python", () => {
  const python = readFileSync(new URL("../../s2v/sphere.py", import.meta.url), "utf8");
  assert.equal(EARTH_RADIUS_KM, Number(/^EARTH_RADIUS_KM = ([\d.]+)/m.exec(python)[1]));
});

test("longitudes wrap into [-180, 180)", () => {
  for (const [given, wrapped] of [[0, 0], [180, -180], [-180, -180], [190, -170], [-190, 170], [725, 5]]) {
    assertClose(wrapLongitude(given), wrapped);
  }
});

test("unit vectors point where the axes say", () => {
  assertClose(unitVector(0, 0), [1, 0, 0]);
  assertClose(unitVector(90, 0), [0, 1, 0]);
  assertClose(unitVector(33, 90), [0, 0, 1]);
  assertClose(unitVector(-180, 0), [-1, 0, 0]);
});

test("a destination lies at its distance", () => {
  for (const place of PLACES) {
    for (const azimuth of [0, 77, 180, 271]) {
      assertClose(degreesBetween(place, destination(...place, azimuth, 1000)), 1000 / KM_PER_DEGREE, 1e-9);
    }
  }
});

test("a destination lies in its direction", () => {
  assertClose(destination(10, 20, 0, 5 * KM_PER_DEGREE), [10, 25]);
  assertClose(destination(10, 20, 180, 5 * KM_PER_DEGREE), [10, 15]);
  assertClose(destination(10, 0, 90, 5 * KM_PER_DEGREE), [15, 0]);
  assertClose(destination(178, 0, 90, 5 * KM_PER_DEGREE), [-177, 0]); // across the dateline
  assertClose(destination(10, 88, 0, 5 * KM_PER_DEGREE), [-170, 87]); // across the pole
});

test("a circle is closed and keeps its distance", () => {
  const circle = circleAround([15.63, 78.22], 2500);
  assert.equal(circle.length, 181);
  assertClose(circle[0], circle.at(-1));
  for (const place of circle) assertClose(degreesBetween(place, [15.63, 78.22]), 2500 / KM_PER_DEGREE);
});
