// The canvas over the maps: colour bars, outlines, ellipses, the probe and labels; also lines and points where the
// painter of the maps does not draw them.

import { drawBar } from "./colorbar.js";
import { css, DOT_OPACITY, dotsOver, HALO_OPACITY, haloOf, linesOver } from "./line_styles.js";
import { longestStep } from "./lines.js";
import { DEGREE, destination } from "./sphere.js";
import { drawVeilLegend, VEIL_LEGEND_HEIGHT } from "./veil.js";
import { isInBox, projector, rimRadius, rimWidth, toScreen } from "./view.js";

export class Overlay {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  /**
   * @param {object} scene
   * @param {import("./layout.js").Layout} layout
   * @param {import("./view.js").View[]} views one per panel
   * @param {object} options
   * @param {number} options.width of the stage
   * @param {number} options.ratio device pixels in a CSS pixel
   * @param {number} options.zoom of the camera
   * @param {boolean} options.withLines whether to draw lines and points, too
   * @param {number} options.update number of the update that the scene came with
   */
  paint(scene, layout, views, { width, ratio, zoom, withLines, update }) {
    const { canvas, context } = this;
    const { height, boxes, bars } = layout;
    const [deviceWidth, deviceHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== deviceWidth || canvas.height !== deviceHeight) {
      [canvas.width, canvas.height] = [deviceWidth, deviceHeight];
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const picture = JSON.stringify([update, ratio, width, boxes]);
    if (picture !== this.picture) {
      context.clearRect(0, 0, width, height);
      for (const bar of bars) drawBar(context, scene.theme, bar);
      if (scene.veil) drawVeilLegend(context, scene.theme, scene.veil, height - VEIL_LEGEND_HEIGHT, width);
    } else if (zoom === this.zoom && !withLines && !turnsWithCamera(scene)) return;
    else for (const box of boxes) context.clearRect(box.x - 1, box.y - 1, box.width + 2, box.height + 2);
    this.picture = picture;
    this.zoom = zoom;
    scene.panels.forEach((panel, i) => drawPanel(context, scene, panel, views[i], withLines));
  }
}

/** Whether a turn of the camera moves anything that drawPanel draws without lines. */
const turnsWithCamera = (scene) =>
  Boolean(scene.probe || scene.ellipses) || scene.panels.some(({ kind, ellipses }) => kind !== "globe" || ellipses);

function drawPanel(context, scene, panel, view, withLines) {
  const ink = (opacity) => css(panel.scale.lines, opacity);
  const halo = css(haloOf(panel.scale), HALO_OPACITY);
  const stroke = (lines, style, width, fill) => {
    context.beginPath();
    traceLines(context, view, lines, fill);
    [context.strokeStyle, context.lineWidth] = [style, width];
    context.stroke();
  };

  const ellipses = [scene.ellipses, panel.ellipses].filter(Boolean);
  context.save();
  context.lineJoin = "round";
  if (withLines || ellipses.length) {
    traceOutline(context, view);
    context.clip();
  }
  if (withLines) {
    for (const { lines, color, opacity, width } of linesOver(scene, panel, view)) {
      stroke(lines, css(color, opacity), width);
    }
  }
  for (const lines of ellipses) stroke(lines, ink(0.95), 1.25, ink(0.18));
  if (withLines) {
    for (const points of dotsOver(scene, panel)) drawPoints(context, view, points, ink(DOT_OPACITY), halo);
  }
  if (scene.probe) {
    for (const km of scene.rings) drawRingLabel(context, scene, view, km, ink(1), halo);
    drawProbe(context, scene, view);
  }
  context.restore();

  context.save();
  traceOutline(context, view);
  [context.strokeStyle, context.lineWidth] = [scene.theme.border, 1];
  context.stroke();
  context.restore();
  if ((view.kind === "north" || view.kind === "south") && rimWidth(view.box) > 10) {
    drawRimLabels(context, scene, view);
  }
}

/**
 * Adds the visible parts of lines to the context's path.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {import("./view.js").View} view
 * @param {import("./lines.js").Lines} lines
 * @param {string | null} fill colour for closed lines that are wholly visible
 */
function traceLines(context, view, lines, fill = null) {
  const project = projector(view, lines);
  const limit = longestStep(view);
  const position = [0, 0];
  for (let line = 0; line + 1 < lines.starts.length; line++) {
    let drawing = false;
    let broken = false;
    let lastX = 0;
    const shape = fill ? new Path2D() : null;
    for (let i = lines.starts[line]; i < lines.starts[line + 1]; i++) {
      if (!project(i, position)) {
        drawing = false;
        broken = true;
        continue;
      }
      const torn = drawing && Math.abs(position[0] - lastX) > limit;
      if (torn) broken = true;
      const [x, y] = [view.centerX + position[0], view.centerY - position[1]];
      if (drawing && !torn) context.lineTo(x, y);
      else context.moveTo(x, y);
      shape?.lineTo(x, y);
      drawing = true;
      lastX = position[0];
    }
    if (fill && !broken) {
      context.fillStyle = fill;
      context.fill(shape);
    }
  }
}

/** Makes the outline of the map the current path, cut to the panel. */
function traceOutline(context, view) {
  const { box, centerX, centerY } = view;
  const radius = view.unit * rimRadius(view);
  context.beginPath();
  if (view.kind === "world") {
    const top = Math.max(box.y, centerY - (90 - view.latitude) * view.unit);
    const bottom = Math.min(box.y + box.height, centerY + (90 + view.latitude) * view.unit);
    const half = Math.min(box.width / 2, 180 * view.unit);
    context.rect(centerX - half, top, 2 * half, bottom - top);
    return;
  }
  if (radius > box.width / 2) {
    const clip = new Path2D();
    clip.rect(box.x, box.y, box.width, box.height);
    context.clip(clip);
  }
  context.arc(centerX, centerY, radius, 0, 2 * Math.PI);
}

/** Points are copies of one picture of a dot: much faster than an arc for each. */
function drawPoints(context, view, points, style, halo) {
  const project = projector(view, points);
  const position = [0, 0];
  const dot = dotPicture(style, halo);
  context.imageSmoothingEnabled = true;
  for (let i = 0; i < points.lonlat.length / 2; i++) {
    if (!project(i, position)) continue;
    context.drawImage(dot, view.centerX + position[0] - 4, view.centerY - position[1] - 4, 8, 8);
  }
}

const dotPictures = new Map(); // style and halo -> picture

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

/** The first of four places on the ring where the label is in sight. */
function drawRingLabel(context, scene, view, km, style, halo) {
  for (const azimuth of [0, 180, 90, 270]) {
    const position = toScreen(view, ...destination(...scene.probe, azimuth, km));
    if (!position || !isInBox(view, position, 30, 10)) continue;
    context.font = `600 10px ${scene.theme.font}`;
    [context.textAlign, context.textBaseline] = ["center", "middle"];
    [context.strokeStyle, context.lineWidth, context.fillStyle] = [halo, 3, style];
    const [x, y] = [view.centerX + position[0], view.centerY - position[1]];
    context.strokeText(`${km} km`, x, y);
    context.fillText(`${km} km`, x, y);
    return;
  }
}

function drawProbe(context, scene, view) {
  const position = toScreen(view, ...scene.probe);
  if (!position || !isInBox(view, position)) return;
  const [x, y] = [view.centerX + position[0], view.centerY - position[1]];
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
    const turn = (longitude - view.longitude) * DEGREE;
    context.save();
    context.translate(view.centerX + radius * Math.sin(turn), view.centerY + side * radius * Math.cos(turn));
    const upright = side > 0 ? Math.cos(turn) > 0 : Math.cos(turn) < 0;
    context.rotate(-side * turn + (upright === side > 0 ? 0 : Math.PI)); // no label stands on its head
    context.fillText(label, 0, 0);
    context.restore();
  }
}
