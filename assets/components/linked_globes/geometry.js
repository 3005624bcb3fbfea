// Places on the sphere and their positions in a panel. Degrees at the door, longitude first, as in s2v/sphere.py.

const RADIAN = Math.PI / 180;
const EARTH_RADIUS_KM = 6371.0088; // the mean radius of s2v/sphere.py

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const wrapLongitude = (longitude) => longitude - 360 * Math.floor((longitude + 180) / 360); // into [-180, 180)

function unitVector(longitude, latitude) {
  const ring = Math.cos(latitude * RADIAN);
  return [ring * Math.cos(longitude * RADIAN), ring * Math.sin(longitude * RADIAN), Math.sin(latitude * RADIAN)];
}

// A closed circle of places at one great-circle distance (km) from a centre: [[lon, lat], ...].
function circleAround([longitude, latitude], km, points = 181) {
  return Array.from({ length: points }, (_, i) => destination(longitude, latitude, (360 * i) / (points - 1), km));
}

function destination(longitude, latitude, azimuth, km) {
  const angle = km / EARTH_RADIUS_KM;
  const [sinLat, cosLat] = [Math.sin(latitude * RADIAN), Math.cos(latitude * RADIAN)];
  const toNorth = Math.sin(angle) * Math.cos(azimuth * RADIAN);
  const toEast = Math.sin(angle) * Math.sin(azimuth * RADIAN);
  const up = Math.cos(angle) * sinLat + toNorth * cosLat;
  const out = Math.cos(angle) * cosLat - toNorth * sinLat;
  return [
    wrapLongitude(longitude + Math.atan2(toEast, out) / RADIAN),
    Math.atan2(up, Math.hypot(out, toEast)) / RADIAN,
  ];
}

// What a panel shows: the map's kind, its centre (centerX, centerY: CSS pixels from the top left corner of the
// stage), and how many pixels one unit of the map takes. Units: the globe's radius; the unit sphere of the polar
// equal-area maps; one degree of the world map.
function makeView(panel, camera, box) {
  const view = {
    kind: panel.kind,
    box,
    centerX: box.x + box.width / 2,
    centerY: box.y + box.height / 2,
    longitude: camera.longitude,
    latitude: camera.latitude,
    sinLatitude: Math.sin(camera.latitude * RADIAN),
    cosLatitude: Math.cos(camera.latitude * RADIAN),
    edge: panel.edge,
    extent: 2 * Math.sin(((90 - panel.edge) * RADIAN) / 2), // radius of the polar cap in map units
  };
  const half = Math.min(box.width, box.height) / 2;
  if (panel.kind === "globe") view.unit = (half - 2) * camera.zoom;
  else if (panel.kind === "world") {
    view.unit = (box.width / 360) * camera.zoom;
    const margin = Math.max(0, 90 - box.height / 2 / view.unit); // how far the map can move before white shows
    view.latitude = clamp(camera.latitude, -margin, margin);
  } else view.unit = ((half - rimWidth(box)) * camera.zoom) / view.extent;
  return view;
}

// Room around a polar map for the names of its meridians; none on a small panel.
const rimWidth = (box) => (box.width >= 220 ? 15 : 2);

// The radius of a round map in its own units.
const rimRadius = (view) => (view.kind === "globe" ? 1 : view.extent);

// The place [lon, lat] at (x, y) pixels right and up of a view's centre; null where the map has none.
function toPlace(view, x, y) {
  const [u, v] = [x / view.unit, y / view.unit];
  if (view.kind === "world") {
    const latitude = view.latitude + v;
    return Math.abs(u) > 180 || Math.abs(latitude) > 90 ? null : [wrapLongitude(view.longitude + u), latitude];
  }
  const radius = Math.hypot(u, v);
  if (view.kind === "globe") {
    if (radius > 1) return null;
    const w = Math.sqrt(1 - radius * radius); // towards the eye
    const up = v * view.cosLatitude + w * view.sinLatitude;
    const out = w * view.cosLatitude - v * view.sinLatitude;
    return [
      wrapLongitude(view.longitude + Math.atan2(u, out) / RADIAN),
      Math.atan2(up, Math.hypot(u, out)) / RADIAN,
    ];
  }
  if (radius > view.extent) return null;
  const side = view.kind === "north" ? 1 : -1;
  const turn = radius < 1e-12 ? 0 : Math.atan2(u, -side * v);
  return [
    wrapLongitude(view.longitude + turn / RADIAN),
    side * (90 - (2 * Math.asin(radius / 2)) / RADIAN),
  ];
}

// The inverse of toPlace: [x, y], or null for a place that the map does not show.
function toScreen(view, longitude, latitude) {
  const turn = wrapLongitude(longitude - view.longitude);
  if (view.kind === "world") return [turn * view.unit, (latitude - view.latitude) * view.unit];
  if (view.kind === "globe") {
    const [sin, cos] = [Math.sin(latitude * RADIAN), Math.cos(latitude * RADIAN)];
    const cosTurn = Math.cos(turn * RADIAN);
    if (view.sinLatitude * sin + view.cosLatitude * cos * cosTurn < 0) return null;
    return [
      view.unit * cos * Math.sin(turn * RADIAN),
      view.unit * (view.cosLatitude * sin - view.sinLatitude * cos * cosTurn),
    ];
  }
  const side = view.kind === "north" ? 1 : -1;
  const radius = 2 * Math.sin(((90 - side * latitude) * RADIAN) / 2);
  if (radius > view.extent + 1e-9) return null;
  return [
    view.unit * radius * Math.sin(turn * RADIAN),
    -side * view.unit * radius * Math.cos(turn * RADIAN),
  ];
}

function formatPlace([longitude, latitude]) {
  const part = (value, positive, negative) => `${Math.abs(value).toFixed(2)}° ${value < 0 ? negative : positive}`;
  return `${part(longitude, "E", "W")}, ${part(latitude, "N", "S")}`;
}

// Four significant digits, no exponent for everyday numbers, a real minus sign.
function formatNumber(value) {
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : String(+value.toPrecision(4));
  return text.replace("-", "−");
}
