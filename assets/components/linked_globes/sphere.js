// The sphere: degrees, longitude first, as in s2v/sphere.py. A place is [longitude, latitude].

export const DEGREE = Math.PI / 180; // in radians
export const EARTH_RADIUS_KM = 6371.0088; // the mean radius, as in s2v/sphere.py

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** The same longitude in [-180, 180). */
export const wrapLongitude = (longitude) => longitude - 360 * Math.floor((longitude + 180) / 360);

/**
 * @param {number} longitude
 * @param {number} latitude
 * @returns {[number, number, number]} x towards (0, 0), y towards (90, 0), z towards the North Pole
 */
export function unitVector(longitude, latitude) {
  const ring = Math.cos(latitude * DEGREE);
  return [ring * Math.cos(longitude * DEGREE), ring * Math.sin(longitude * DEGREE), Math.sin(latitude * DEGREE)];
}

/**
 * The place that a great circle reaches.
 *
 * @param {number} longitude of the start
 * @param {number} latitude of the start
 * @param {number} azimuth degrees clockwise from north
 * @param {number} km distance along the great circle
 * @returns {[number, number]}
 */
export function destination(longitude, latitude, azimuth, km) {
  const angle = km / EARTH_RADIUS_KM;
  const [sinLatitude, cosLatitude] = [Math.sin(latitude * DEGREE), Math.cos(latitude * DEGREE)];
  const north = Math.sin(angle) * Math.cos(azimuth * DEGREE);
  const east = Math.sin(angle) * Math.sin(azimuth * DEGREE);
  const up = Math.cos(angle) * sinLatitude + north * cosLatitude;
  const out = Math.cos(angle) * cosLatitude - north * sinLatitude;
  return [
    wrapLongitude(longitude + Math.atan2(east, out) / DEGREE),
    Math.atan2(up, Math.hypot(out, east)) / DEGREE,
  ];
}

/**
 * A circle around a place, as a closed line.
 *
 * @param {[number, number]} center
 * @param {number} km great-circle radius
 * @param {number} points number of points, the first and the last being the same
 * @returns {[number, number][]}
 */
export function circleAround([longitude, latitude], km, points = 181) {
  return Array.from({ length: points }, (_, i) => destination(longitude, latitude, (360 * i) / (points - 1), km));
}
