// Lines and points on the sphere, and what a view shows of them.

import { unitVector } from "./sphere.js";
import { projector } from "./view.js";

/** Many lines in flat arrays, with their unit vectors: a move of the camera then costs a few products a vertex. */
export class Lines {
  /**
   * @param {Float32Array} lonlat longitude, latitude, longitude, latitude, ...
   * @param {number[]} starts index of each line's first vertex, and one past the last vertex of all
   */
  constructor(lonlat, starts) {
    this.lonlat = lonlat;
    this.starts = starts;
    this.vectors = new Float32Array((lonlat.length / 2) * 3);
    for (let i = 0; i < lonlat.length / 2; i++) {
      this.vectors.set(unitVector(lonlat[2 * i], lonlat[2 * i + 1]), 3 * i);
    }
  }

  /** @param {[number, number][][]} paths the places of each line */
  static of(paths) {
    const starts = [0];
    for (const path of paths) starts.push(starts.at(-1) + path.length);
    return new Lines(Float32Array.from(paths.flat(2)), starts);
  }

  /**
   * From s2v/figures/textures.py: the number of lines and the length of each (32-bit integers), then the longitude and
   * latitude of each vertex (32-bit floats).
   *
   * @param {ArrayBuffer} buffer
   */
  static fromBuffer(buffer) {
    const count = new Uint32Array(buffer, 0, 1)[0];
    const starts = [0];
    for (const length of new Uint32Array(buffer, 4, count)) starts.push(starts.at(-1) + length);
    return new Lines(new Float32Array(buffer, 4 + 4 * count), starts);
  }
}

/**
 * The visible segments of lines as rectangles of four corners, three numbers each: x and y in device pixels right of
 * and above the view's centre, and the signed distance from the middle of the line.
 *
 * @param {import("./view.js").View} view
 * @param {Lines} lines
 * @param {number} ratio device pixels in a CSS pixel
 * @param {number} reach device pixels from the middle of the line to the rectangle's edge
 * @returns {Float32Array} valid until the next call
 */
export function lineCorners(view, lines, ratio, reach) {
  const project = projector(view, lines);
  const limit = longestStep(view);
  const { lonlat, starts } = lines;
  if (corners.length < 6 * lonlat.length) corners = new Float32Array(6 * lonlat.length);
  let position = [0, 0];
  let last = [0, 0];
  let used = 0;
  for (let line = 0; line + 1 < starts.length; line++) {
    let drawing = false;
    for (let i = starts[line]; i < starts[line + 1]; i++) {
      const visible = project(i, position);
      if (visible && drawing && Math.abs(position[0] - last[0]) < limit && touchesBox(view, last, position)) {
        const [x, y, endX, endY] = [last[0] * ratio, last[1] * ratio, position[0] * ratio, position[1] * ratio];
        const length = Math.hypot(endX - x, endY - y) || 1;
        const [acrossX, acrossY] = [(-(endY - y) / length) * reach, ((endX - x) / length) * reach];
        corners[used++] = x + acrossX; corners[used++] = y + acrossY; corners[used++] = reach;
        corners[used++] = x - acrossX; corners[used++] = y - acrossY; corners[used++] = -reach;
        corners[used++] = endX + acrossX; corners[used++] = endY + acrossY; corners[used++] = reach;
        corners[used++] = endX - acrossX; corners[used++] = endY - acrossY; corners[used++] = -reach;
      }
      drawing = visible;
      [position, last] = [last, position];
    }
  }
  return corners.subarray(0, used);
}

let corners = new Float32Array(0); // reused: each picture needs thousands

/**
 * The visible points, three numbers each: x and y in device pixels right of and above the view's centre, and 0.
 *
 * @param {import("./view.js").View} view
 * @param {Lines} points
 * @param {number} ratio device pixels in a CSS pixel
 * @returns {Float32Array}
 */
export function pointCenters(view, points, ratio) {
  const project = projector(view, points);
  const count = points.lonlat.length / 2;
  const position = [0, 0];
  const centers = new Float32Array(3 * count);
  let used = 0;
  for (let i = 0; i < count; i++) {
    if (!project(i, position) || !touchesBox(view, position, position)) continue;
    centers[used] = position[0] * ratio;
    centers[used + 1] = position[1] * ratio;
    used += 3;
  }
  return centers.subarray(0, used);
}

/** The longest horizontal step of a line; a longer one leaves a world map on one side and enters it on the other. */
export const longestStep = (view) => (view.kind === "world" ? 180 * view.unit : Infinity);

/** Whether a segment's bounding box touches the view's box, with 4 pixels to spare for its width. */
function touchesBox({ box }, a, b) {
  const [farX, farY] = [box.width / 2 + 4, box.height / 2 + 4];
  return Math.min(a[0], b[0]) < farX && Math.max(a[0], b[0]) > -farX &&
    Math.min(a[1], b[1]) < farY && Math.max(a[1], b[1]) > -farY;
}
