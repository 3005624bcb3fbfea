// Lines over the maps, on a 2-D canvas: coastlines, graticule, rings, ellipses, points and the probe.

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
