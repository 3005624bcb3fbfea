// The veil over maps where they are a guess: far from all training places. It looks as in s2v/figures/veil.py.

import { clamp } from "./sphere.js";

export const VEIL_LEGEND_HEIGHT = 22;
const SAMPLE_WIDTH = 28;

/**
 * @typedef {object} Veil
 * @property {import("./values.js").Values} distance kilometres to the nearest training place
 * @property {number} begins kilometres
 * @property {number} km where it is whole
 * @property {number[]} grey 0 to 255
 * @property {number} opacity of the grey
 * @property {number[]} lines their colour, 0 to 255
 * @property {number} lineOpacity
 * @property {number} lineSpacing CSS pixels from line to line
 * @property {number} lineWidth CSS pixels
 * @property {string} meaning for the legend
 * @property {string} brief the same for a narrow one
 */

/** How far a place is from the data, in kilometres. */
export const distanceAt = (veil, [longitude, latitude]) => veil.distance.sample(0, longitude, latitude, true);

/** How much of a veil lies over a place: 0 (none) to 1 (all). */
export const strengthAt = (veil, place) => clamp((distanceAt(veil, place) - veil.begins) / (veil.km - veil.begins), 0, 1);

/**
 * Lays a veil over a pixel.
 *
 * @param {Veil} veil
 * @param {number} strength 0 to 1
 * @param {Uint8ClampedArray} pixels
 * @param {number} i index of its red part
 * @param {number} x CSS pixels
 * @param {number} y CSS pixels, downwards
 * @param {number} ratio pixels of the picture in a CSS pixel
 */
export function veilPixel(veil, strength, pixels, i, x, y, ratio) {
  const beside = Math.abs(((x + y) / Math.SQRT2) % veil.lineSpacing - veil.lineSpacing / 2);
  const line = veil.lineOpacity * strength * clamp((veil.lineWidth / 2 - beside) * ratio + 0.5, 0, 1);
  const grey = veil.opacity * strength;
  for (let part = 0; part < 3; part++) {
    const ground = pixels[i + part] + (veil.grey[part] - pixels[i + part]) * grey;
    pixels[i + part] = ground + (veil.lines[part] - ground) * line;
  }
}

/**
 * Draws a sample of a veil and what it means, in the middle of the width.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {import("./theme.js").Theme} theme
 * @param {Veil} veil
 * @param {number} y of the legend's upper edge
 * @param {number} width
 */
export function drawVeilLegend(context, theme, veil, y, width) {
  context.save();
  context.font = `11px ${theme.font}`;
  const room = width - SAMPLE_WIDTH - 8;
  const words = context.measureText(veil.meaning).width <= room ? veil.meaning : veil.brief;
  const left = Math.max(0, Math.round((width - SAMPLE_WIDTH - 8 - context.measureText(words).width) / 2));
  [context.fillStyle, context.textAlign, context.textBaseline] = [theme.text, "left", "middle"];
  context.fillText(words, left + SAMPLE_WIDTH + 8, y + 12, room);
  context.beginPath();
  context.rect(left, y + 6, SAMPLE_WIDTH, 12);
  context.clip();
  context.fillStyle = `rgba(${veil.grey},${veil.opacity})`;
  context.fill();
  context.beginPath();
  for (let x = left - 12; x < left + SAMPLE_WIDTH; x += veil.lineSpacing * Math.SQRT2) {
    context.moveTo(x, y + 18);
    context.lineTo(x + 12, y + 6);
  }
  [context.strokeStyle, context.lineWidth] = [`rgba(${veil.lines},${veil.lineOpacity})`, veil.lineWidth];
  context.stroke();
  context.restore();
}
