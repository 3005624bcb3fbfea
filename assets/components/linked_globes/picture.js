// The whole picture as a file: maps, titles, colour bars, a legend of all classes in sight, and what it shows.

import { cellWidth, MAX_LEGEND_CLASSES, shorten } from "./colorbar.js";
import { TITLE_HEIGHT } from "./layout.js";
import { CLASS_COLORS } from "./values.js";

const MARGIN = 14;
const LINE_HEIGHT = 17;

/**
 * @param {object} scene
 * @param {import("./layout.js").Layout} layout
 * @param {HTMLCanvasElement[]} canvases from the lowest to the highest, painted at this ratio
 * @param {number} width of the stage
 * @param {number} ratio pixels of the picture in a CSS pixel
 * @returns {HTMLCanvasElement}
 */
export function composePicture({ theme, panels, caption = [] }, { height, boxes }, canvases, width, ratio) {
  const picture = document.createElement("canvas");
  const context = picture.getContext("2d");
  const small = `12px ${theme.font}`;
  context.font = small;
  const lines = caption.flatMap((text) => wrapText(text, width - 2 * MARGIN, (part) => context.measureText(part).width));
  const classes = classesInSight(panels);
  const cell = cellWidth(classes.map(({ name }) => name), width - 2 * MARGIN);
  const perLine = Math.max(1, Math.floor((width - 2 * MARGIN) / cell));
  const legendHeight = classes.length ? LINE_HEIGHT * Math.ceil(classes.length / perLine) + MARGIN : 0;
  const captionHeight = lines.length ? LINE_HEIGHT * lines.length + MARGIN : 0;
  [picture.width, picture.height] = [width * ratio, (height + legendHeight + captionHeight) * ratio];
  context.fillStyle = theme.background;
  context.fillRect(0, 0, picture.width, picture.height);
  for (const canvas of canvases) context.drawImage(canvas, 0, 0);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  [context.font, context.fillStyle, context.textBaseline] = [`600 14px ${theme.font}`, theme.text, "middle"];
  panels.forEach((panel, i) => {
    const box = boxes[i];
    context.fillText(shorten(context, panel.title, box.width), box.x, box.y - TITLE_HEIGHT / 2);
  });
  context.font = small;
  classes.forEach(({ name, color }, i) => {
    const x = MARGIN + (i % perLine) * cell;
    const y = height + LINE_HEIGHT * Math.floor(i / perLine);
    context.fillStyle = color;
    context.fillRect(x, y + 3, 10, 10);
    context.fillStyle = theme.text;
    context.fillText(shorten(context, name, cell - 20), x + 15, y + 8.5);
  });
  context.fillStyle = theme.text;
  lines.forEach((line, i) => context.fillText(line, MARGIN, height + legendHeight + LINE_HEIGHT * (i + 0.5)));
  return picture;
}

/**
 * A text in lines no wider than ``width``; only a single word may be wider.
 *
 * @param {string} text
 * @param {number} width
 * @param {(text: string) => number} measure the width of a text
 * @returns {string[]}
 */
export function wrapText(text, width, measure) {
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && measure(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The classes that occur on maps whose legend is too long for the page, with their colours. */
export function classesInSight(panels) {
  const found = new Map(); // name -> colour
  for (const { scale, a, b } of panels) {
    if (scale.classes.length <= MAX_LEGEND_CLASSES) continue;
    const numbers = new Set([a, b].filter(Boolean).flatMap((values) => [...new Set(values.codes)]));
    for (const i of [...numbers].toSorted((one, other) => one - other)) {
      if (scale.classes[i] === undefined) continue;
      const [red, green, blue] = scale.rgba.subarray(4 * (i % CLASS_COLORS), 4 * (i % CLASS_COLORS) + 3);
      found.set(scale.classes[i], `rgb(${red},${green},${blue})`);
    }
  }
  return [...found].map(([name, color]) => ({ name, color }));
}

/** Offers a canvas as a PNG to download. */
export function download(canvas, name) {
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}
