// Colour bars, and the legends that stand for them where a field has classes.

import { formatNumber } from "./text.js";

const BAR_HEIGHT = 46;
export const MAX_LEGEND_CLASSES = 20; // a longer legend would be larger than the map; the pointer reads the class instead
const LETTER_WIDTH = 6.2; // pixels, on average, at 11 px: whether a name fits must be known before there is a context
const LINE_HEIGHT = 17;

/**
 * The height that drawBar needs.
 *
 * @param {import("./scene.js").Scale} scale
 * @param {number} width
 */
export function barHeight(scale, width) {
  if (!scale.classes.length) return BAR_HEIGHT;
  if (scale.classes.length > MAX_LEGEND_CLASSES) return LINE_HEIGHT + 8;
  return LINE_HEIGHT * Math.ceil(scale.classes.length / perLine(scale.classes, width)) + 8;
}

/**
 * The width of a legend's cells, so that the longest name can be read if it fits at all.
 *
 * @param {string[]} classes
 * @param {number} width
 */
export function cellWidth(classes, width) {
  const longest = Math.max(...classes.map((name) => name.length));
  return Math.min(width, Math.round(26 + LETTER_WIDTH * longest));
}

function perLine(classes, width) {
  return Math.max(1, Math.min(classes.length, Math.floor(width / cellWidth(classes, width))));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./theme.js").Theme} theme
 * @param {import("./layout.js").Bar} bar
 */
export function drawBar(context, theme, { scale, x, y, width }) {
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.text;
  context.textBaseline = "middle";
  if (scale.classes.length) {
    drawLegend(context, theme, scale, x, y, width);
    return;
  }
  const barWidth = Math.min(width - 24, 420);
  const left = Math.round(x + (width - barWidth) / 2);
  context.imageSmoothingEnabled = false;
  context.drawImage(scale.strip, left, y, barWidth, 10);
  [context.strokeStyle, context.lineWidth] = [theme.border, 1];
  context.strokeRect(left + 0.5, y + 0.5, barWidth - 1, 9);
  context.textAlign = "center";
  for (const tick of niceTicks(scale.low, scale.high, barWidth / 60)) {
    const at = left + (barWidth * (tick - scale.low)) / (scale.high - scale.low);
    context.fillRect(Math.round(at) - 0.5, y + 10, 1, 3);
    context.fillText(formatNumber(tick), at, y + 20);
  }
  const label = scale.label && scale.units ? `${scale.label} (${scale.units})` : scale.label || scale.units;
  context.fillStyle = theme.faint;
  context.fillText(label, left + barWidth / 2, y + 34, width);
}

function drawLegend(context, theme, scale, x, y, width) {
  if (scale.classes.length > MAX_LEGEND_CLASSES) {
    context.textAlign = "center";
    context.fillText(`${scale.classes.length} classes: point at a map to read one`, x + width / 2, y + 8, width);
    return;
  }
  context.textAlign = "left";
  const [cell, columns] = [cellWidth(scale.classes, width), perLine(scale.classes, width)];
  const left = x + Math.max(0, (width - columns * cell) / 2);
  scale.classes.forEach((name, i) => {
    const [cellX, cellY] = [left + (i % columns) * cell, y + Math.floor(i / columns) * LINE_HEIGHT];
    const [red, green, blue] = scale.rgba.subarray(4 * i, 4 * i + 3);
    context.fillStyle = `rgb(${red},${green},${blue})`;
    context.fillRect(cellX, cellY + 3, 10, 10);
    context.fillStyle = theme.text;
    context.fillText(shorten(context, name, cell - 20), cellX + 15, cellY + 8.5);
  });
}

/** A text cut to a width in the context's font. */
export function shorten(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}

/**
 * Round numbers from low to high.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} count about how many
 * @returns {number[]}
 */
export function niceTicks(low, high, count) {
  const rough = (high - low) / Math.max(3, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((digit) => digit * power).find((size) => size >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    ticks.push(+(i * step).toPrecision(12));
  }
  return ticks;
}
