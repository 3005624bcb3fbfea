// How a panel looks at the sphere: places to pixels and back.

import { clamp, DEGREE, wrapLongitude } from "./sphere.js";

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 *   A panel's picture in CSS pixels from the top left corner of the stage.
 *
 * @typedef {object} View
 * @property {"globe" | "north" | "south" | "world"} kind
 * @property {Box} box
 * @property {number} centerX of the map, CSS pixels from the left of the stage
 * @property {number} centerY of the map, CSS pixels from the top of the stage
 * @property {number} longitude at the centre
 * @property {number} latitude at the centre; a world map stops where its edge would come into sight
 * @property {number} sinLatitude of the camera
 * @property {number} cosLatitude of the camera
 * @property {number} edge latitude at which a polar map ends, as if it showed the north
 * @property {number} extent radius of a polar map in its unit
 * @property {number} unit pixels in one unit: the radius of the globe; the radius of the unit sphere for the polar
 *   maps, which are equal-area; one degree for a world map
 */

/**
 * @param {{ kind: string, edge: number }} panel
 * @param {import("./camera.js").Camera} camera
 * @param {Box} box
 * @returns {View}
 */
export function makeView(panel, camera, box) {
  const view = {
    kind: panel.kind,
    box,
    centerX: box.x + box.width / 2,
    centerY: box.y + box.height / 2,
    longitude: camera.longitude,
    latitude: camera.latitude,
    sinLatitude: Math.sin(camera.latitude * DEGREE),
    cosLatitude: Math.cos(camera.latitude * DEGREE),
    edge: panel.edge,
    extent: 2 * Math.sin(((90 - panel.edge) * DEGREE) / 2),
  };
  const half = Math.min(box.width, box.height) / 2;
  if (view.kind === "globe") view.unit = (half - 2) * camera.zoom;
  else if (view.kind === "world") {
    view.unit = (box.width / 360) * camera.zoom;
    const margin = Math.max(0, 90 - box.height / 2 / view.unit); // how far the map can move before white shows
    view.latitude = clamp(camera.latitude, -margin, margin);
  } else view.unit = ((half - rimWidth(box)) * camera.zoom) / view.extent;
  return view;
}

/** Pixels around a polar map for the names of its meridians; a small panel has no room for them. */
export const rimWidth = (box) => (box.width >= 220 ? 15 : 2);

/** The radius of a round map in its unit. */
export const rimRadius = (view) => (view.kind === "globe" ? 1 : view.extent);

/**
 * The place at a position; null where the map shows none.
 *
 * @param {View} view
 * @param {number} x pixels to the right of the map's centre
 * @param {number} y pixels above the map's centre
 * @returns {[number, number] | null}
 */
export function toPlace(view, x, y) {
  const [u, v] = [x / view.unit, y / view.unit];
  if (view.kind === "world") {
    const latitude = view.latitude + v;
    return Math.abs(u) > 180 || Math.abs(latitude) > 90 ? null : [wrapLongitude(view.longitude + u), latitude];
  }
  const radius = Math.hypot(u, v);
  if (radius > rimRadius(view)) return null;
  if (view.kind === "globe") {
    const w = Math.sqrt(1 - radius * radius); // towards the eye
    const up = v * view.cosLatitude + w * view.sinLatitude;
    const out = w * view.cosLatitude - v * view.sinLatitude;
    return [
      wrapLongitude(view.longitude + Math.atan2(u, out) / DEGREE),
      Math.atan2(up, Math.hypot(u, out)) / DEGREE,
    ];
  }
  const side = view.kind === "north" ? 1 : -1;
  const turn = radius < 1e-12 ? 0 : Math.atan2(u, -side * v);
  return [
    wrapLongitude(view.longitude + turn / DEGREE),
    side * (90 - (2 * Math.asin(radius / 2)) / DEGREE),
  ];
}

/**
 * The inverse of toPlace; null for a place that the map does not show.
 *
 * @param {View} view
 * @param {number} longitude
 * @param {number} latitude
 * @returns {[number, number] | null}
 */
export function toScreen(view, longitude, latitude) {
  const turn = wrapLongitude(longitude - view.longitude);
  if (view.kind === "world") return [turn * view.unit, (latitude - view.latitude) * view.unit];
  if (view.kind === "globe") {
    const [sin, cos] = [Math.sin(latitude * DEGREE), Math.cos(latitude * DEGREE)];
    const cosTurn = Math.cos(turn * DEGREE);
    if (view.sinLatitude * sin + view.cosLatitude * cos * cosTurn < 0) return null;
    return [
      view.unit * cos * Math.sin(turn * DEGREE),
      view.unit * (view.cosLatitude * sin - view.sinLatitude * cos * cosTurn),
    ];
  }
  const side = view.kind === "north" ? 1 : -1;
  const radius = 2 * Math.sin(((90 - side * latitude) * DEGREE) / 2);
  if (radius > view.extent + 1e-9) return null;
  return [
    view.unit * radius * Math.sin(turn * DEGREE),
    -side * view.unit * radius * Math.cos(turn * DEGREE),
  ];
}

/** Whether a position from toScreen lies within the view's box, less a margin. */
export const isInBox = ({ box }, [x, y], marginX = 0, marginY = 0) =>
  Math.abs(x) <= box.width / 2 - marginX && Math.abs(y) <= box.height / 2 - marginY;

/**
 * toScreen for the vertices of many lines: no trigonometry and no allocation per vertex.
 *
 * @param {View} view
 * @param {import("./lines.js").Lines} lines
 * @returns {(vertex: number, position: [number, number]) => boolean} Writes the vertex's position and says whether the
 *   map shows it. Polar maps show ten degrees beyond the rim, where the caller clips.
 */
export function projector(view, { lonlat, vectors }) {
  const [sin, cos] = [Math.sin(view.longitude * DEGREE), Math.cos(view.longitude * DEGREE)];
  const { unit, sinLatitude, cosLatitude } = view;
  if (view.kind === "world") {
    return (i, position) => {
      const turn = lonlat[2 * i] - view.longitude;
      position[0] = unit * (turn - 360 * Math.round(turn / 360));
      position[1] = unit * (lonlat[2 * i + 1] - view.latitude);
      return true;
    };
  }
  if (view.kind === "globe") {
    return (i, position) => {
      const [x, y, z] = [vectors[3 * i], vectors[3 * i + 1], vectors[3 * i + 2]];
      const out = x * cos + y * sin;
      if (sinLatitude * z + cosLatitude * out < 0) return false;
      position[0] = unit * (y * cos - x * sin);
      position[1] = unit * (cosLatitude * z - sinLatitude * out);
      return true;
    };
  }
  const side = view.kind === "north" ? 1 : -1;
  const lowest = Math.sin((view.edge - 10) * DEGREE);
  return (i, position) => {
    const [x, y, z] = [vectors[3 * i], vectors[3 * i + 1], side * vectors[3 * i + 2]];
    if (z < lowest) return false;
    const stretch = unit * Math.sqrt(2 / (1 + z));
    position[0] = stretch * (y * cos - x * sin);
    position[1] = -side * stretch * (x * cos + y * sin);
    return true;
  };
}
