// What is drawn: the message from Python with its files fetched and its colour scales unpacked.

import { Lines } from "./lines.js";
import { Values } from "./values.js";

/**
 * The message itself is described in s2v/ui/linked_globes.py.
 *
 * @typedef {object} Panel
 * @property {"globe" | "north" | "south" | "world"} kind
 * @property {string} title
 * @property {string} seen a sentence for screen readers, or nothing
 * @property {"value" | "difference" | "wipe"} mode
 * @property {boolean} smooth
 * @property {number} edge latitude at which a polar map ends
 * @property {Values} a
 * @property {Values | null} b for a difference or a wipe
 * @property {number} scaleNumber
 * @property {Scale} scale
 * @property {Lines | null} ellipses
 * @property {Lines | null} points
 *
 * @typedef {object} Scale
 * @property {number} low
 * @property {number} high
 * @property {string} units
 * @property {string[]} classes
 * @property {string} label
 * @property {[number, number, number]} lines colour of lines over a map with this scale
 * @property {Uint8Array} rgba 256 colours
 * @property {HTMLCanvasElement} strip the colours in a row
 */

/**
 * The scene that a message describes, once all of its files have arrived.
 *
 * @param {object} data
 * @param {import("./files.js").FileCache} files
 */
export async function makeScene(data, files) {
  const scales = data.scales.map(makeScale);
  const fetchLines = (address) => address && files.get(address, (buffer) => Lines.fromBuffer(buffer));
  const fetchValues = (name) => {
    const description = data.values[name];
    return description && files.get(description.address, (buffer) => new Values(description, buffer), name);
  };
  const makePanel = async (panel) => {
    const parts = [fetchValues(panel.a), fetchValues(panel.b), ...[panel.ellipses, panel.points].map(fetchLines)];
    const [a, b, ellipses, points] = await Promise.all(parts);
    return { ...panel, a, b, ellipses, points, scale: scales[panel.scaleNumber] };
  };
  const [coastlines, points, ellipses, distance, ...panels] = await Promise.all([
    ...[data.coastlines, data.points, data.ellipses].map(fetchLines),
    data.veil && fetchValues(data.veil.distance),
    ...data.panels.map(makePanel),
  ]);
  return {
    ...data,
    panels,
    scales,
    coastlines,
    points,
    ellipses,
    veil: data.veil && { ...data.veil, distance },
    missingColor: data.missing.map((part) => part / 255),
  };
}

function makeScale(description) {
  const rgb = Uint8Array.from(atob(description.colors), (letter) => letter.charCodeAt(0));
  const rgba = new Uint8Array(1024).fill(255);
  for (let i = 0; i < 256; i++) rgba.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
  const strip = document.createElement("canvas");
  [strip.width, strip.height] = [256, 1];
  strip.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(rgba), 256, 1), 0, 0);
  const [low, high] = description.limits;
  return { ...description, low, high, rgba, strip };
}
