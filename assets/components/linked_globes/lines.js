// Lines and points on the sphere, and where a view shows them.

// Many lines in flat arrays, with unit vectors at hand: a camera move then costs a few products a vertex.
class Lines {
  constructor(lonlat, starts) {
    this.lonlat = lonlat; // Float32Array: lon, lat, lon, lat, ...
    this.starts = starts; // index of each line's first vertex, and one past the last
    this.vectors = new Float32Array((lonlat.length / 2) * 3);
    for (let i = 0; i < lonlat.length / 2; i++) {
      this.vectors.set(unitVector(lonlat[2 * i], lonlat[2 * i + 1]), 3 * i);
    }
  }

  // From [[[lon, lat], ...], ...].
  static of(paths) {
    const starts = [0];
    for (const path of paths) starts.push(starts.at(-1) + path.length);
    return new Lines(Float32Array.from(paths.flat(2)), starts);
  }

  // From a blob: the number of lines, their lengths (32-bit integers), then all longitudes and latitudes (floats).
  static fromBuffer(buffer) {
    const count = new Uint32Array(buffer, 0, 1)[0];
    const starts = [0];
    for (const length of new Uint32Array(buffer, 4, count)) starts.push(starts.at(-1) + length);
    return new Lines(new Float32Array(buffer, 4 + 4 * count), starts);
  }
}

// Adds the visible parts of lines to the current path; with ``fill``, closed lines wholly in sight are filled too.
function traceLines(context, view, lines, { fill = null } = {}) {
  const project = projector(view);
  const { vectors, lonlat, starts } = lines;
  const point = [0, 0];
  for (let line = 0; line + 1 < starts.length; line++) {
    let drawing = false;
    let broken = false;
    let lastX = 0;
    const shape = fill ? new Path2D() : null;
    for (let i = starts[line]; i < starts[line + 1]; i++) {
      if (!project(vectors, lonlat, i, point)) {
        drawing = false;
        broken = true;
        continue;
      }
      const torn = view.kind === "world" && drawing && Math.abs(point[0] - lastX) > 180 * view.unit;
      if (torn) broken = true;
      const [x, y] = [view.centerX + point[0], view.centerY - point[1]];
      if (drawing && !torn) context.lineTo(x, y);
      else context.moveTo(x, y);
      shape?.lineTo(x, y);
      drawing = true;
      lastX = point[0];
    }
    if (fill && !broken) {
      context.fillStyle = fill;
      context.fill(shape);
    }
  }
}

// The visible pieces of lines as rectangles, four corners each: x, y (device pixels right and up of the view's centre)
// and the distance from the line's middle, ``reach`` to either side.
function lineCorners(view, lines, ratio, reach) {
  const project = projector(view);
  const { vectors, lonlat, starts } = lines;
  if (corners.length < 6 * lonlat.length) corners = new Float32Array(6 * lonlat.length);
  const limit = view.kind === "world" ? 180 * view.unit : Infinity; // no piece from one side of the map to the other
  const [farX, farY] = [view.box.width / 2 + 4, view.box.height / 2 + 4];
  let point = [0, 0];
  let last = [0, 0];
  let used = 0;
  for (let line = 0; line + 1 < starts.length; line++) {
    let drawing = false;
    for (let i = starts[line]; i < starts[line + 1]; i++) {
      const shown = project(vectors, lonlat, i, point);
      if (shown && drawing && Math.abs(point[0] - last[0]) < limit && reaches(last, point, farX, farY)) {
        const [x, y, dx, dy] = [last[0] * ratio, last[1] * ratio, point[0] * ratio, point[1] * ratio];
        const length = Math.hypot(dx - x, dy - y) || 1;
        const [acrossX, acrossY] = [(-(dy - y) / length) * reach, ((dx - x) / length) * reach];
        corners[used++] = x + acrossX; corners[used++] = y + acrossY; corners[used++] = reach;
        corners[used++] = x - acrossX; corners[used++] = y - acrossY; corners[used++] = -reach;
        corners[used++] = dx + acrossX; corners[used++] = dy + acrossY; corners[used++] = reach;
        corners[used++] = dx - acrossX; corners[used++] = dy - acrossY; corners[used++] = -reach;
      }
      drawing = shown;
      [point, last] = [last, point];
    }
  }
  return corners.subarray(0, used);
}

let corners = new Float32Array(0); // reused: thousands of them are made for each picture

// Whether a piece can touch the rectangle within (farX, farY) of the centre.
const reaches = (a, b, farX, farY) =>
  Math.min(a[0], b[0]) < farX && Math.max(a[0], b[0]) > -farX && Math.min(a[1], b[1]) < farY && Math.max(a[1], b[1]) > -farY;

// The points in sight, three numbers each: x, y (device pixels right and up of the view's centre) and nothing.
function dotMiddles(view, points, ratio) {
  const project = projector(view);
  const { vectors, lonlat } = points;
  const [farX, farY] = [view.box.width / 2 + 4, view.box.height / 2 + 4];
  const point = [0, 0];
  const middles = new Float32Array((3 * lonlat.length) / 2);
  let used = 0;
  for (let i = 0; i < lonlat.length / 2; i++) {
    if (!project(vectors, lonlat, i, point) || !reaches(point, point, farX, farY)) continue;
    middles[used] = point[0] * ratio;
    middles[used + 1] = point[1] * ratio;
    used += 3;
  }
  return middles.subarray(0, used);
}

// A function that puts vertex i into ``point`` (pixels right and up of the centre) and says whether it shows.
function projector(view) {
  const [sin, cos] = [Math.sin(view.longitude * RADIAN), Math.cos(view.longitude * RADIAN)];
  const { unit, sinLatitude, cosLatitude } = view;
  if (view.kind === "world") {
    return (vectors, lonlat, i, point) => {
      const turn = lonlat[2 * i] - view.longitude;
      point[0] = unit * (turn - 360 * Math.round(turn / 360));
      point[1] = unit * (lonlat[2 * i + 1] - view.latitude);
      return true;
    };
  }
  if (view.kind === "globe") {
    return (vectors, lonlat, i, point) => {
      const [x, y, z] = [vectors[3 * i], vectors[3 * i + 1], vectors[3 * i + 2]];
      const out = x * cos + y * sin;
      if (sinLatitude * z + cosLatitude * out < 0) return false;
      point[0] = unit * (y * cos - x * sin);
      point[1] = unit * (cosLatitude * z - sinLatitude * out);
      return true;
    };
  }
  const side = view.kind === "north" ? 1 : -1;
  const lowest = Math.sin((view.edge - 10) * RADIAN); // a little beyond the rim, which clips
  return (vectors, lonlat, i, point) => {
    const [x, y, z] = [vectors[3 * i], vectors[3 * i + 1], side * vectors[3 * i + 2]];
    if (z < lowest) return false;
    const stretch = unit * Math.sqrt(2 / (1 + z));
    point[0] = stretch * (y * cos - x * sin);
    point[1] = -side * stretch * (x * cos + y * sin);
    return true;
  };
}

const graticules = new Map();
const GRATICULE_STEPS = [30, 15, 10, 5, 2, 1]; // degrees

// The graticule that suits a view: parallels at most some 140 pixels apart, meridians as near as they are.
function graticule(view) {
  const pixels = view.kind === "world" ? view.unit : view.unit * RADIAN; // in a degree
  const fitting = (size) => GRATICULE_STEPS.find((step) => step * size < 140) ?? 1;
  const polar = view.kind === "north" || view.kind === "south";
  const shrink = view.kind === "globe" ? view.cosLatitude : 1;
  return graticuleLines(polar ? 30 : fitting(pixels * shrink), fitting(pixels));
}

// Only the cardinal meridians reach the poles: a star of all of them would hide what is there.
function graticuleLines(meridianStep, parallelStep) {
  const key = `${meridianStep} ${parallelStep}`;
  if (!graticules.has(key)) {
    const range = (low, high, by) => Array.from({ length: Math.round((high - low) / by) + 1 }, (_, i) => low + i * by);
    const meridians = range(-180, 180 - meridianStep, meridianStep).map((longitude) => {
      const top = longitude % 90 === 0 ? 90 : longitude % 30 === 0 ? 80 : 70;
      return range(-top, top, top / 45).map((latitude) => [longitude, latitude]);
    });
    const parallels = range(parallelStep - 90, 90 - parallelStep, parallelStep).map((latitude) =>
      range(-180, 180, 2).map((longitude) => [longitude, latitude]));
    graticules.set(key, Lines.of([...meridians, ...parallels]));
  }
  return graticules.get(key);
}
