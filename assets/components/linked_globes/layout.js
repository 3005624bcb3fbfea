// Where panels and colour bars go, and how a colour bar looks.

const TITLE_HEIGHT = 26;
const GAP = 16;
const BAR_HEIGHT = 46;
const PHONE_WIDTH = 480;

// Boxes (CSS pixels) of the panels' pictures and of the colour bars under them, and the height of it all.
// Panels flow in rows; a world map takes two columns. Panels of one row that follow each other and share a scale
// share a bar; a row leaves its bars to the next one where that has the same.
function layoutPanels(panels, width, tallest) {
  const columns = columnCount(panels, width, tallest);
  const rows = [];
  let free = 0;
  for (const panel of panels) {
    const span = Math.min(columns, panel.kind === "world" ? 2 : 1);
    if (span > free) {
      rows.push([]);
      free = columns;
    }
    rows.at(-1).push({ panel, span });
    free -= span;
  }
  const size = Math.floor(Math.min(tallest, (width - GAP * (columns - 1)) / columns));
  const boxes = new Map();
  const bars = [];
  let y = 0;
  rows.forEach((row, r) => {
    const spans = row.reduce((sum, { span }) => sum + span, 0);
    let x = Math.floor((width - spans * size - GAP * (spans - 1)) / 2);
    let tall = 0;
    const runs = scaleRuns(row.map(({ panel }) => panel));
    for (const { panel, span } of row) {
      const boxWidth = span * size + GAP * (span - 1);
      const height = panel.kind === "world" ? Math.min(size, Math.floor(boxWidth / 2)) : size;
      boxes.set(panel, { x, y: y + TITLE_HEIGHT, width: panel.kind === "world" ? 2 * height : boxWidth, height });
      tall = Math.max(tall, height);
      x += boxWidth + GAP;
    }
    y += TITLE_HEIGHT + tall;
    const next = rows[r + 1] && scaleRuns(rows[r + 1].map(({ panel }) => panel));
    if (next && next.length === runs.length && next.every((run, i) => run[0].scale === runs[i][0].scale)) {
      y += GAP;
      return;
    }
    for (const run of runs) {
      const [first, last] = [boxes.get(run[0]), boxes.get(run.at(-1))];
      bars.push({ scale: run[0].scale, x: first.x, y: y + 6, width: last.x + last.width - first.x });
    }
    y += 6 + Math.max(...runs.map((run) => barHeight(run[0].scale, boxes.get(run[0]).width * run.length)));
  });
  return { boxes: panels.map((panel) => boxes.get(panel)), bars, height: Math.ceil(y) };
}

function columnCount(panels, width, tallest) {
  const cells = panels.reduce((sum, panel) => sum + (panel.kind === "world" ? 2 : 1), 0);
  if (width < PHONE_WIDTH) return panels.length === 1 ? 1 : 2;
  const smallest = Math.min(tallest, 240);
  const most = Math.max(1, Math.min(cells, Math.floor((width + GAP) / (smallest + GAP))));
  return Math.ceil(cells / Math.ceil(cells / most)); // as few rows as fit, evenly filled
}

function scaleRuns(panels) {
  const runs = [];
  for (const panel of panels) {
    if (runs.length && runs.at(-1)[0].scale === panel.scale) runs.at(-1).push(panel);
    else runs.push([panel]);
  }
  return runs;
}

const LEGEND_CLASSES = 20; // beyond that the pointer tells the class
const LEGEND_CELL = 118;
const LEGEND_LINE = 17;

function barHeight(scale, width) {
  if (!scale.classes.length) return BAR_HEIGHT;
  if (scale.classes.length > LEGEND_CLASSES) return LEGEND_LINE + 8;
  return LEGEND_LINE * Math.ceil(scale.classes.length / Math.max(1, Math.floor(width / LEGEND_CELL))) + 8;
}

function drawBar(context, theme, { scale, x, y, width }) {
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
  context.textAlign = "left";
  if (scale.classes.length > LEGEND_CLASSES) {
    context.textAlign = "center";
    context.fillText(`${scale.classes.length} classes: point at a map to read one`, x + width / 2, y + 8, width);
    return;
  }
  const perLine = Math.max(1, Math.min(scale.classes.length, Math.floor(width / LEGEND_CELL)));
  const left = x + Math.max(0, (width - perLine * LEGEND_CELL) / 2);
  scale.classes.forEach((name, i) => {
    const [cellX, cellY] = [left + (i % perLine) * LEGEND_CELL, y + Math.floor(i / perLine) * LEGEND_LINE];
    const [red, green, blue] = scale.rgba.subarray(4 * i, 4 * i + 3);
    context.fillStyle = `rgb(${red},${green},${blue})`;
    context.fillRect(cellX, cellY + 3, 10, 10);
    context.fillStyle = theme.text;
    context.fillText(shorten(context, name, LEGEND_CELL - 20), cellX + 15, cellY + 8.5);
  });
}

function shorten(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}

// Round numbers from low to high, about ``count`` of them.
function niceTicks(low, high, count) {
  const rough = (high - low) / Math.max(3, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((digit) => digit * power).find((size) => size >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(+(i * step).toPrecision(12));
  return ticks;
}
