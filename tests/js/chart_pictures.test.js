import assert from "node:assert/strict";
import { test } from "node:test";

import { chartNear, save } from "../../assets/components/chart_pictures/picture.js";

test("a chart is saved on white with dark text, and stays as it is on the page", () => {
  const layout = { font: { size: 15, color: "#fafafa" }, paper_bgcolor: "rgba(0,0,0,0)", template: { layout: {} } };
  const chart = { layout, _context: {}, querySelector: (name) => name === ".modebar-btn" && { click } };
  let saved;
  function click() {
    saved = { layout: chart.layout, ...chart._context.toImageButtonOptions };
  }
  save(chart, "svg", "grid-stretch");
  assert.deepEqual([saved.format, saved.filename, saved.scale], ["svg", "grid-stretch", 1]);
  assert.equal(saved.layout.paper_bgcolor, "#ffffff");
  assert.deepEqual([saved.layout.font.size, saved.layout.font.color], [15, "#262730"]);
  assert.equal(chart.layout, layout);
  assert.equal(layout.font.color, "#fafafa");
});

test("the buttons belong to the nearest chart", () => {
  const page = { querySelector: () => "another chart", parentElement: null };
  const group = { querySelector: () => "this chart", parentElement: page };
  const buttons = { querySelector: () => null, parentElement: group };
  assert.equal(chartNear(buttons), "this chart");
  assert.equal(chartNear({ querySelector: () => null, parentElement: null }), null);
});
