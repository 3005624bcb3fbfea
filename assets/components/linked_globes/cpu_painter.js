// Draws the maps without WebGL2, pixel by pixel: slow, coarse while the camera moves, and complete.

import { colorIndex, panelValue } from "./values.js";
import { strengthAt, veilPixel } from "./veil.js";
import { toPlace } from "./view.js";

export class CPUPainter {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.drawsLines = false;
    this.slow = true;
    this.note = "This browser has no WebGL2, so the processor draws the maps: exact, but slow to turn.";
    this.coarse = false; // set while the camera moves: a quarter of the resolution
  }

  /** The same as WebGLPainter.paint. */
  paint(scene, views, width, height, ratio) {
    const { canvas, context } = this;
    [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    const step = (this.coarse ? 4 : 1) / Math.min(ratio, 1);
    scene.panels.forEach((panel, i) => {
      const box = views[i].box;
      const [columns, rows] = [Math.ceil(box.width / step), Math.ceil(box.height / step)];
      const image = new ImageData(columns, rows);
      fillPixels(image.data, scene, panel, views[i], columns, rows, step);
      const part = new OffscreenCanvas(columns, rows);
      part.getContext("2d").putImageData(image, 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(part, box.x * ratio, box.y * ratio, columns * step * ratio, rows * step * ratio);
    });
  }

  keepOnly() {}
  destroy() {}
}

/**
 * Writes a panel's colours; pixels outside the map stay transparent.
 *
 * @param {Uint8ClampedArray} pixels rows, columns, four parts
 * @param {object} scene
 * @param {import("./scene.js").Panel} panel
 * @param {import("./view.js").View} view
 * @param {number} columns
 * @param {number} rows
 * @param {number} step CSS pixels in a pixel of the picture
 */
export function fillPixels(pixels, scene, panel, view, columns, rows, step) {
  const missing = scene.missingColor.map((part) => Math.round(part * 255));
  for (let row = 0, i = 0; row < rows; row++) {
    const y = view.box.height / 2 - (row + 0.5) * step;
    for (let column = 0; column < columns; column++, i += 4) {
      const x = (column + 0.5) * step;
      const place = toPlace(view, x - view.box.width / 2, y);
      if (!place) continue;
      const value = panelValue(panel, scene.frame, place[0], place[1], x >= scene.wipe * view.box.width);
      if (Number.isNaN(value)) pixels.set(missing, i);
      else {
        const entry = 4 * colorIndex(panel.scale, value);
        for (let part = 0; part < 3; part++) pixels[i + part] = panel.scale.rgba[entry + part];
      }
      pixels[i + 3] = 255;
      if (scene.veil) veilPixel(scene.veil, strengthAt(scene.veil, place), pixels, i, x, (row + 0.5) * step, 1 / step);
    }
  }
}
