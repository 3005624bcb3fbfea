// The values of a field as Python sent them: 8- or 16-bit codes, or 32-bit floats for a field that reaches far beyond
// its colour scale; one or more frames on a grid of equal angles.

import { clamp } from "./sphere.js";

/** Colours of classes: the classes beyond have the same again (LEVELS in s2v/figures/colormaps.py). */
export const CLASS_COLORS = 254;
const CODE_ARRAYS = { u8: Uint8Array, u16: Uint16Array, f32: Uint32Array };
const MISSING_CODES = { u8: 0xff, u16: 0xffff, f32: 0xffffffff };

/**
 * @typedef {object} ValuesDescription
 * @property {"u8" | "u16" | "f32"} code
 * @property {number} rows from 90 to -90 degrees latitude
 * @property {number} columns from -180 to 180 degrees longitude
 * @property {number} frames
 * @property {number} offset value of code 0
 * @property {number} step value of code n is offset + step * n
 * @property {boolean} discrete whether the values are numbers of classes
 */

export class Values {
  /**
   * @param {ValuesDescription} description
   * @param {ArrayBuffer} buffer the codes: frames, rows, columns
   */
  constructor(description, buffer) {
    Object.assign(this, description);
    this.codes = new CODE_ARRAYS[this.code](buffer);
    this.floats = this.code === "f32" ? new Float32Array(buffer) : null;
    this.missing = MISSING_CODES[this.code];
  }

  frameCodes(frame) {
    const cells = this.rows * this.columns;
    return this.codes.subarray(frame * cells, (frame + 1) * cells);
  }

  /** The value of a cell, NaN if missing. Rows and columns beyond the grid are cells across a pole or the dateline. */
  cell(frame, row, column) {
    if (row < 0 || row >= this.rows) { // across a pole: the same ring, half way round
      row = row < 0 ? -1 - row : 2 * this.rows - 1 - row;
      column += this.columns >> 1;
    }
    column = ((column % this.columns) + this.columns) % this.columns;
    const i = (frame * this.rows + row) * this.columns + column;
    const code = this.codes[i];
    if (code === this.missing) return NaN;
    return this.floats ? this.floats[i] : this.offset + this.step * code;
  }

  /**
   * The value at a place, NaN if missing: the same as Field.sample in Python and valueAt in the shader.
   *
   * @param {number} frame
   * @param {number} longitude
   * @param {number} latitude
   * @param {boolean} smooth interpolate between the centres of the cells
   */
  sample(frame, longitude, latitude, smooth) {
    const column = ((longitude + 180) / 360) * this.columns - 0.5;
    const row = ((90 - latitude) / 180) * this.rows - 0.5;
    if (!smooth || this.discrete) {
      return this.cell(frame, clamp(Math.floor(row + 0.5), 0, this.rows - 1), Math.floor(column + 0.5));
    }
    const [i, j] = [Math.floor(row), Math.floor(column)];
    const [v, u] = [row - i, column - j];
    const top = (1 - u) * this.cell(frame, i, j) + u * this.cell(frame, i, j + 1);
    return (1 - v) * top + v * ((1 - u) * this.cell(frame, i + 1, j) + u * this.cell(frame, i + 1, j + 1));
  }
}

/**
 * What a panel shows at a place.
 *
 * @param {import("./scene.js").Panel} panel
 * @param {number} frame a panel with fewer frames shows its last
 * @param {number} longitude
 * @param {number} latitude
 * @param {boolean} right whether the place is to the right of a wipe's divider
 */
export function panelValue(panel, frame, longitude, latitude, right) {
  const at = (values) => values.sample(Math.min(frame, values.frames - 1), longitude, latitude, panel.smooth);
  if (panel.mode === "difference") return at(panel.a) - at(panel.b);
  return at(panel.mode === "wipe" && right ? panel.b : panel.a);
}

/** The entry of a scale's 256 colours for a value, rounded as matplotlib does. */
export function colorIndex(scale, value) {
  if (scale.classes.length) return value % CLASS_COLORS;
  return clamp(Math.floor(((value - scale.low) / (scale.high - scale.low)) * 256), 0, 255);
}
