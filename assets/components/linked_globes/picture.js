// The whole picture, titles and colour bars included, as a file.

import { shorten } from "./colorbar.js";
import { TITLE_HEIGHT } from "./layout.js";

/**
 * @param {object} scene
 * @param {import("./layout.js").Layout} layout
 * @param {HTMLCanvasElement[]} canvases from the lowest to the highest, painted at this ratio
 * @param {number} width of the stage
 * @param {number} ratio pixels of the picture in a CSS pixel
 * @returns {HTMLCanvasElement}
 */
export function composePicture({ theme, panels }, { height, boxes }, canvases, width, ratio) {
  const picture = document.createElement("canvas");
  [picture.width, picture.height] = [width * ratio, height * ratio];
  const context = picture.getContext("2d");
  context.fillStyle = theme.background;
  context.fillRect(0, 0, picture.width, picture.height);
  for (const canvas of canvases) context.drawImage(canvas, 0, 0);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = `600 14px ${theme.font}`;
  [context.fillStyle, context.textBaseline] = [theme.text, "middle"];
  panels.forEach((panel, i) => {
    const box = boxes[i];
    context.fillText(shorten(context, panel.title, box.width), box.x, box.y - TITLE_HEIGHT / 2);
  });
  return picture;
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
