// Where panels and colour bars go.

import { barHeight } from "./colorbar.js";

export const TITLE_HEIGHT = 26;
const GAP = 16; // between panels
const BAR_GAP = 6; // between a panel and its colour bar
const PHONE_WIDTH = 480; // a narrower stage has one or two columns
const SMALLEST_FILLING = 100; // a panel on a full screen, which scrolls if even that is too much
const MIN_PANEL_SIZE = 240; // on a wider stage
const MIN_WANTED_SIZE = 180; // in as many columns as Python wants

/**
 * @typedef {{ boxes: import("./view.js").Box[], bars: Bar[], height: number }} Layout boxes in the order of the panels
 * @typedef {{ scale: import("./scene.js").Scale, x: number, y: number, width: number }} Bar
 */

/**
 * Panels flow in rows; a world map takes two columns. Neighbours with the same scale share a colour bar, and a row
 * leaves its bars to the next row if that has the same.
 *
 * @param {{ kind: string, scale: import("./scene.js").Scale }[]} panels
 * @param {number} width of the stage
 * @param {number} maxSize largest side of a panel
 * @param {number} wanted columns, so that panels that belong together are below each other; 0 for as many as fit
 * @param {number} foot pixels to be left free below everything else
 * @returns {Layout}
 */
export function layoutPanels(panels, width, maxSize, wanted = 0, foot = 0) {
  const columns = columnCount(panels, width, maxSize, wanted);
  const rows = fillRows(panels, columns);
  const size = Math.floor(Math.min(maxSize, (width - GAP * (columns - 1)) / columns));
  const boxes = new Map();
  const bars = [];
  let y = 0;
  rows.forEach((row, number) => {
    y += TITLE_HEIGHT;
    const spans = row.reduce((sum, { span }) => sum + span, 0);
    let x = Math.floor((width - spans * size - GAP * (spans - 1)) / 2);
    let rowHeight = 0;
    for (const { panel, span } of row) {
      const boxWidth = span * size + GAP * (span - 1);
      const height = panel.kind === "world" ? Math.min(size, Math.floor(boxWidth / 2)) : size;
      boxes.set(panel, { x, y, width: panel.kind === "world" ? 2 * height : boxWidth, height });
      rowHeight = Math.max(rowHeight, height);
      x += boxWidth + GAP;
    }
    y += rowHeight;
    const runs = scaleRuns(row);
    if (number + 1 < rows.length && sameScales(runs, scaleRuns(rows[number + 1]))) {
      y += GAP;
      return;
    }
    y += BAR_GAP;
    for (const run of runs) {
      const [first, last] = [boxes.get(run[0]), boxes.get(run.at(-1))];
      bars.push({ scale: run[0].scale, x: first.x, y, width: last.x + last.width - first.x });
    }
    y += Math.max(...runs.map((run) => barHeight(run[0].scale, boxes.get(run[0]).width * run.length)));
  });
  return { boxes: panels.map((panel) => boxes.get(panel)), bars, height: Math.ceil(y) + foot };
}

/**
 * The layout with the largest panels that fit.
 *
 * @param {{ kind: string, scale: import("./scene.js").Scale }[]} panels
 * @param {number} width
 * @param {number} height
 * @param {number} foot as of layoutPanels
 * @returns {Layout}
 */
export function fillPage(panels, width, height, foot = 0) {
  for (let size = Math.floor(height); size > SMALLEST_FILLING; size -= 4) {
    const layout = layoutPanels(panels, width, size, 0, foot);
    if (layout.height <= height) return layout;
  }
  return layoutPanels(panels, width, SMALLEST_FILLING, 0, foot);
}

/** As few rows as fit, evenly filled. */
function columnCount(panels, width, maxSize, wanted) {
  const cells = panels.reduce((sum, panel) => sum + columnSpan(panel), 0);
  if (width < PHONE_WIDTH) return panels.length === 1 ? 1 : 2;
  if (wanted && (width - GAP * (wanted - 1)) / wanted >= MIN_WANTED_SIZE) return wanted;
  const minSize = Math.min(maxSize, MIN_PANEL_SIZE);
  const fitting = Math.max(1, Math.min(cells, Math.floor((width + GAP) / (minSize + GAP))));
  return Math.ceil(cells / Math.ceil(cells / fitting));
}

const columnSpan = (panel) => (panel.kind === "world" ? 2 : 1);

function fillRows(panels, columns) {
  const rows = [];
  let free = 0;
  for (const panel of panels) {
    const span = Math.min(columns, columnSpan(panel));
    if (span > free) {
      rows.push([]);
      free = columns;
    }
    rows.at(-1).push({ panel, span });
    free -= span;
  }
  return rows;
}

/** The panels of a row in runs of neighbours that share a scale. */
function scaleRuns(row) {
  const runs = [];
  for (const { panel } of row) {
    if (runs.length && runs.at(-1)[0].scale === panel.scale) runs.at(-1).push(panel);
    else runs.push([panel]);
  }
  return runs;
}

const sameScales = (runs, others) =>
  runs.length === others.length && runs.every((run, i) => run[0].scale === others[i][0].scale);
