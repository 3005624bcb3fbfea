// What several of the tests share.

import assert from "node:assert/strict";

import { unitVector } from "../../assets/components/linked_globes/sphere.js";

export const KINDS = ["globe", "north", "south", "world"];

/** Places all over the sphere, none on a pole, the dateline or a boundary of cells. */
export const PLACES = Array.from({ length: 200 }, (_, i) => [
  ((i * 137.508) % 360) - 180,
  (Math.asin((2 * i + 1) / 200 - 1) * 180) / Math.PI,
]);

export function assertClose(actual, expected, tolerance = 1e-9) {
  const [a, b] = [[actual].flat(), [expected].flat()];
  assert.equal(a.length, b.length);
  a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) <= tolerance, `${a} is not ${b}`));
}

/** Degrees between two places, by their chord: exact for small distances, too. */
export function degreesBetween(one, other) {
  const [a, b] = [unitVector(...one), unitVector(...other)];
  const chord = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  return (2 * Math.asin(Math.min(1, chord / 2)) * 180) / Math.PI;
}

/** The content of a typed array as it travels. */
export const bytes = (...arrays) => {
  const joined = new Uint8Array(arrays.reduce((sum, array) => sum + array.byteLength, 0));
  let offset = 0;
  for (const array of arrays) {
    joined.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += array.byteLength;
  }
  return joined.buffer;
};
