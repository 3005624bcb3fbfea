// The camera that all panels share, and how the pointer and the keys move it.

import { clamp, DEGREE, wrapLongitude } from "./sphere.js";

/** @typedef {{ longitude: number, latitude: number, zoom: number }} Camera zoom 1 shows the whole globe */

export const MIN_ZOOM = 0.7;
export const MAX_ZOOM = 60;

/** A camera from the three numbers that Python sends. */
export const toCamera = ([longitude, latitude, zoom]) => ({ longitude, latitude, zoom });

/** The three numbers that Python expects. */
export const toNumbers = ({ longitude, latitude, zoom }) => [longitude, latitude, zoom];

/** As exact as the camera is reported to Python. */
export const roundCamera = ({ longitude, latitude, zoom }) => ({
  longitude: +longitude.toFixed(2),
  latitude: +latitude.toFixed(2),
  zoom: +zoom.toFixed(3),
});

export const sameCamera = (one, other) =>
  Boolean(one && other) &&
  one.longitude === other.longitude && one.latitude === other.latitude && one.zoom === other.zoom;

/** The camera over another place. */
export const turnCamera = (camera, longitude, latitude) => ({
  ...camera,
  longitude: wrapLongitude(longitude),
  latitude: clamp(latitude, -90, 90),
});

export const zoomCamera = (camera, factor) => ({ ...camera, zoom: clamp(camera.zoom * factor, MIN_ZOOM, MAX_ZOOM) });

/**
 * The camera after a drag: the ground follows the pointer, and a polar map turns about its pole.
 *
 * @param {import("./view.js").View} view of the panel
 * @param {Camera} camera
 * @param {[number, number]} from pixels right of and above the panel's centre
 * @param {[number, number]} to
 * @returns {Camera}
 */
export function dragCamera(view, camera, [fromX, fromY], [toX, toY]) {
  if (view.kind === "north" || view.kind === "south") {
    const turn = Math.atan2(toY, toX) - Math.atan2(fromY, fromX);
    const side = view.kind === "north" ? 1 : -1;
    return { ...camera, longitude: wrapLongitude(camera.longitude - (side * turn) / DEGREE) };
  }
  const degrees = view.kind === "world" ? 1 / view.unit : 1 / (view.unit * DEGREE); // in a pixel
  const tilts = view.kind === "globe" || camera.zoom > 1; // a world map at zoom 1 shows all latitudes
  return turnCamera(
    camera,
    camera.longitude - (toX - fromX) * degrees,
    tilts ? camera.latitude - (toY - fromY) * degrees : camera.latitude,
  );
}

/** The zoom factor for one turn of the wheel. */
export const wheelFactor = (deltaY) => Math.exp(-clamp(deltaY, -240, 240) / 480);

/** The zoom factor when one of two fingers moves and the other rests; each is [x, y] in pixels. */
export function pinchFactor(from, to, resting) {
  const spread = ([x, y]) => Math.max(10, Math.hypot(x - resting[0], y - resting[1]));
  return spread(to) / spread(from);
}

/**
 * A camera on the way from one to another, the shorter way round, with a smooth start and end.
 *
 * @param {Camera} from
 * @param {Camera} to
 * @param {number} share of the way, 0 to 1
 * @returns {Camera}
 */
export function glide(from, to, share) {
  if (share >= 1) return { ...to };
  const eased = share * share * (3 - 2 * share);
  return {
    longitude: wrapLongitude(from.longitude + wrapLongitude(to.longitude - from.longitude) * eased),
    latitude: from.latitude + (to.latitude - from.latitude) * eased,
    zoom: from.zoom * (to.zoom / from.zoom) ** eased,
  };
}
