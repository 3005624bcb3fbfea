import assert from "node:assert/strict";
import { test } from "node:test";

import { barHeight, cellWidth, niceTicks, shorten } from "../../assets/components/linked_globes/colorbar.js";
import { fillPage, layoutPanels, TITLE_HEIGHT } from "../../assets/components/linked_globes/layout.js";
import { assertClose } from "./helpers.js";

const SCALE = { classes: [] };
const OTHER = { classes: [] };
const panelsOf = (...kinds) => kinds.map((kind) => ({ kind, scale: SCALE }));
const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test("panels stay on the stage and never overlap, at any width", () => {
  const kinds = ["globe", "north", "world", "south", "globe", "world"];
  for (let count = 1; count <= kinds.length; count++) {
    for (let width = 320; width <= 1800; width += 37) {
      const panels = panelsOf(...kinds.slice(0, count));
      const { boxes, height } = layoutPanels(panels, width, 420);
      boxes.forEach((box, i) => {
        assert.ok(box.x >= 0 && box.x + box.width <= width && box.y >= TITLE_HEIGHT && box.y + box.height < height);
        assert.ok(box.width >= 140 && box.height >= 70 && Math.max(box.height, box.width / 2) <= 420);
        assert.equal(box.width / box.height, panels[i].kind === "world" ? 2 : 1);
        for (const other of boxes.slice(0, i)) assert.ok(!overlap(box, other));
      });
    }
  }
});

test("panels keep their order, row by row", () => {
  const { boxes } = layoutPanels(panelsOf("globe", "globe", "globe", "globe"), 820, 420);
  for (let i = 1; i < boxes.length; i++) {
    assert.ok(boxes[i].y > boxes[i - 1].y || (boxes[i].y === boxes[i - 1].y && boxes[i].x > boxes[i - 1].x));
  }
});

test("panels stand in the columns that are wanted, where there is room", () => {
  const panels = panelsOf("globe", "globe", "globe", "globe", "north", "north", "north", "north");
  const columns = (width) => new Set(layoutPanels(panels, width, 440, 4).boxes.map(({ x }) => x)).size;
  assert.equal(columns(900), 4);
  assert.equal(columns(390), 2);
  const narrow = layoutPanels(panels, 600, 440, 4).boxes;
  assert.ok(narrow.every(({ width }) => width >= 180));
});

test("rows are evenly filled: four panels in two rows of two, not three and one", () => {
  const { boxes } = layoutPanels(panelsOf("globe", "globe", "globe", "globe"), 820, 420);
  assert.equal(boxes.filter(({ y }) => y === boxes[0].y).length, 2);
});

test("a world map takes two columns", () => {
  const [globe, world] = layoutPanels(panelsOf("globe", "world"), 1400, 420).boxes;
  assert.equal(world.y, globe.y);
  assert.ok(world.width > 1.9 * globe.width);
});

test("a phone has two columns, and one for a single panel", () => {
  const two = layoutPanels(panelsOf("globe", "north"), 390, 420).boxes;
  assert.equal(two[0].y, two[1].y);
  assert.ok(layoutPanels(panelsOf("globe"), 390, 420).boxes[0].width > 1.9 * two[0].width);
});

test("neighbours with one scale share a bar, others have their own", () => {
  const panels = [{ kind: "globe", scale: SCALE }, { kind: "globe", scale: SCALE }, { kind: "globe", scale: OTHER }];
  const { boxes, bars } = layoutPanels(panels, 1400, 420);
  assert.deepEqual(bars.map(({ scale }) => scale), [SCALE, OTHER]);
  assert.equal(bars[0].x, boxes[0].x);
  assert.equal(bars[0].x + bars[0].width, boxes[1].x + boxes[1].width);
  for (const bar of bars) assert.ok(bar.y > boxes[0].y + boxes[0].height);
});

test("a row leaves its bar to the next row with the same scales", () => {
  const same = layoutPanels(panelsOf("globe", "globe", "globe", "globe"), 820, 420);
  assert.equal(same.bars.length, 1);
  assert.ok(same.bars[0].y > same.boxes[3].y);
  const panels = [SCALE, SCALE, OTHER, OTHER].map((scale) => ({ kind: "globe", scale }));
  assert.equal(layoutPanels(panels, 820, 420).bars.length, 2);
});

test("a legend grows with its classes until it is too long", () => {
  const [one, two, seven, none] = [3, 4, 20, 21].map((count) => barHeight({ classes: Array(count).fill("Open shrubland") }, 400));
  assert.ok(one < two && two < seven);
  assert.equal(none, one);
});

test("the longest name decides the width of a legend's cells", () => {
  assert.ok(cellWidth(["Cropland and natural vegetation", "Water"], 900) > 200);
  assert.ok(cellWidth(["Land", "Ocean"], 900) < 80);
  assert.equal(cellWidth(["a".repeat(500)], 390), 390);
  const long = Array(17).fill("Cropland and natural vegetation");
  assert.ok(barHeight({ classes: long }, 900) > barHeight({ classes: long.map(() => "Water") }, 900));
});

test("ticks are round, within the limits and about as many as asked for", () => {
  assertClose(niceTicks(-1, 1, 5), [-1, -0.5, 0, 0.5, 1]);
  assertClose(niceTicks(0, 1, 7), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  for (const [low, high] of [[-0.37, 1.2], [1e-7, 3e-7], [-12345, 99999], [1000, 1000.5]]) {
    for (const count of [3, 5, 7]) {
      const ticks = niceTicks(low, high, count);
      assert.ok(ticks.length >= 2 && ticks.length <= count + 1, `${ticks}`);
      const slack = (high - low) * 1e-6;
      assert.ok(ticks[0] >= low - slack && ticks.at(-1) <= high + slack);
      ticks.slice(1).forEach((tick, i) => assertClose(tick - ticks[i], ticks[1] - ticks[0], slack));
    }
  }
});

test("a text is cut to fit", () => {
  const context = { measureText: (text) => ({ width: 7 * text.length }) };
  assert.equal(shorten(context, "Similarity", 70), "Similarity");
  assert.equal(shorten(context, "Similarity", 42), "Simil…");
});

test("a full screen is filled and not exceeded", () => {
  for (const [width, height] of [[1440, 900], [1280, 720], [390, 844], [844, 390]]) {
    for (const count of [1, 2, 4, 6]) {
      const panels = panelsOf(...Array.from({ length: count }, () => "globe"));
      const layout = fillPage(panels, width, height);
      assert.ok(layout.height <= height, `${count} in ${width} x ${height}: ${layout.height}`);
      const { boxes: [usual] } = layoutPanels(panels, width, 420);
      if (height >= 900) assert.ok(layout.boxes[0].width >= Math.min(usual.width, 340));
    }
  }
});
