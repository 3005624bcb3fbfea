// Lines over the maps, on a 2-D canvas: coastlines, graticule, rings, ellipses, points and the probe.

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

// The lines over a panel, from the lowest to the highest, in the colour that stands out against its colour scale.
function linesOver(scene, panel, view) {
  const color = panel.scale.lines;
  const halo = haloOf(panel.scale);
  return [
    scene.graticule && { lines: graticule(view), color, opacity: 0.28, width: 0.75 },
    scene.coastlines && { lines: scene.coastlines, color, opacity: 0.9, width: 1 },
    scene.ringLines && { lines: scene.ringLines, color: halo, opacity: 0.65, width: 3 },
    scene.ringLines && { lines: scene.ringLines, color, opacity: 0.95, width: 1.25 },
  ].filter(Boolean);
}

const DOT_OPACITY = 0.9;
const HALO_OPACITY = 0.65;
const haloOf = (scale) => (scale.lines[0] > 128 ? [0, 0, 0] : [255, 255, 255]);
const css = (color, opacity) => `rgba(${color},${opacity})`;

// Whether a turn of the camera moves anything of what ``drawOverlay`` draws without lines and points.
const turnsWithCamera = (scene) =>
  Boolean(scene.probe || scene.ellipses) || scene.panels.some(({ kind, ellipses }) => kind !== "globe" || ellipses);

// Everything over one panel that is not drawn with the map itself.
function drawOverlay(context, scene, panel, view, withLines) {
  const ink = (opacity) => css(panel.scale.lines, opacity);
  const halo = css(haloOf(panel.scale), HALO_OPACITY);
  const stroke = (lines, style, width, options) => {
    context.beginPath();
    traceLines(context, view, lines, options);
    [context.strokeStyle, context.lineWidth] = [style, width];
    context.stroke();
  };

  const ellipses = [scene.ellipses, panel.ellipses].filter(Boolean);
  context.save();
  context.lineJoin = "round";
  if (withLines || ellipses.length) {
    outline(context, view);
    context.clip();
  }
  if (withLines) {
    for (const { lines, color, opacity, width } of linesOver(scene, panel, view)) {
      stroke(lines, css(color, opacity), width);
    }
  }
  for (const lines of ellipses) stroke(lines, ink(0.95), 1.25, { fill: ink(0.18) });
  if (withLines && scene.points) drawPoints(context, view, scene.points, ink(DOT_OPACITY), halo);
  if (scene.probe) {
    for (const km of scene.rings) drawRingLabel(context, scene, view, km, ink(1), halo);
    drawProbe(context, scene, view);
  }
  context.restore();

  context.save();
  outline(context, view);
  [context.strokeStyle, context.lineWidth] = [scene.theme.border, 1];
  context.stroke();
  context.restore();
  if ((view.kind === "north" || view.kind === "south") && rimWidth(view.box) > 10) {
    drawRimLabels(context, scene, view);
  }
}

// The visible outline of the map as the current path, cut to the panel.
function outline(context, view) {
  const { box, centerX, centerY } = view;
  context.beginPath();
  const radius = view.unit * rimRadius(view);
  if (view.kind === "world") {
    const top = Math.max(box.y, centerY - (90 - view.latitude) * view.unit);
    const bottom = Math.min(box.y + box.height, centerY + (90 + view.latitude) * view.unit);
    const half = Math.min(box.width / 2, 180 * view.unit);
    context.rect(centerX - half, top, 2 * half, bottom - top);
  } else if (radius > box.width / 2) {
    const clip = new Path2D();
    clip.rect(box.x, box.y, box.width, box.height);
    context.clip(clip);
    context.arc(centerX, centerY, radius, 0, 2 * Math.PI);
  } else context.arc(centerX, centerY, radius, 0, 2 * Math.PI);
}

// Points are copies of one dot: many times quicker than as many arcs.
function drawPoints(context, view, points, style, halo) {
  const project = projector(view);
  const point = [0, 0];
  const dot = dotPicture(style, halo);
  context.imageSmoothingEnabled = true;
  for (let i = 0; i < points.lonlat.length / 2; i++) {
    if (!project(points.vectors, points.lonlat, i, point)) continue;
    context.drawImage(dot, view.centerX + point[0] - 4, view.centerY - point[1] - 4, 8, 8);
  }
}

const dotPictures = new Map();

function dotPicture(style, halo) {
  if (!dotPictures.has(style + halo)) {
    const picture = new OffscreenCanvas(32, 32); // four times its size on the page, for fine screens and saved pictures
    const context = picture.getContext("2d");
    context.arc(16, 16, 9, 0, 2 * Math.PI);
    [context.strokeStyle, context.lineWidth, context.fillStyle] = [halo, 6, style];
    context.stroke();
    context.fill();
    dotPictures.set(style + halo, picture);
  }
  return dotPictures.get(style + halo);
}

function drawRingLabel(context, scene, view, km, style, halo) {
  for (const azimuth of [0, 180, 90, 270]) {
    const at = toScreen(view, ...destination(...scene.probe, azimuth, km));
    if (!at || Math.abs(at[0]) > view.box.width / 2 - 30 || Math.abs(at[1]) > view.box.height / 2 - 10) continue;
    context.font = `600 10px ${scene.theme.font}`;
    [context.textAlign, context.textBaseline] = ["center", "middle"];
    [context.strokeStyle, context.lineWidth, context.fillStyle] = [halo, 3, style];
    const [x, y] = [view.centerX + at[0], view.centerY - at[1]];
    context.strokeText(`${km} km`, x, y);
    context.fillText(`${km} km`, x, y);
    return;
  }
}

function drawProbe(context, scene, view) {
  const at = toScreen(view, ...scene.probe);
  if (!at || Math.abs(at[0]) > view.box.width / 2 || Math.abs(at[1]) > view.box.height / 2) return;
  const [x, y] = [view.centerX + at[0], view.centerY - at[1]];
  for (const [radius, style] of [[7, "#fff"], [5.5, "#111"], [3.5, scene.theme.accent]]) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = style;
    context.fill();
  }
}

function drawRimLabels(context, scene, view) {
  context.font = `10px ${scene.theme.font}`;
  [context.textAlign, context.textBaseline, context.fillStyle] = ["center", "middle", scene.theme.faint];
  const radius = Math.min(view.unit * view.extent, view.box.width / 2 - rimWidth(view.box)) + 8;
  const side = view.kind === "north" ? 1 : -1;
  for (const [longitude, label] of [[0, "0°"], [90, "90°E"], [180, "180°"], [-90, "90°W"]]) {
    const turn = (longitude - view.longitude) * RADIAN;
    context.save();
    context.translate(view.centerX + radius * Math.sin(turn), view.centerY + side * radius * Math.cos(turn));
    const upright = side > 0 ? Math.cos(turn) > 0 : Math.cos(turn) < 0; // letters never stand on their heads
    context.rotate(-side * turn + (upright === side > 0 ? 0 : Math.PI));
    context.fillText(label, 0, 0);
    context.restore();
  }
}
