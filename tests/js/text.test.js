import assert from "node:assert/strict";
import { test } from "node:test";

import { describePanel, describeValue, formatNumber, formatPlace } from "../../assets/components/linked_globes/text.js";

test("places", () => {
  assert.equal(formatPlace([15.634, 78.22]), "15.63° E, 78.22° N");
  assert.equal(formatPlace([-78.5, -0.2]), "78.50° W, 0.20° S");
});

test("numbers have four digits and real minus signs", () => {
  for (const [value, text] of [[0, "0"], [1234.56, "1235"], [-0.12345, "−0.1235"], [123456, "123500"]]) {
    assert.equal(formatNumber(value), text);
  }
});

test("very small and very large numbers have an exponent", () => {
  for (const [value, text] of [[2e-5, "2.00e−5"], [-2e-5, "−2.00e−5"], [3e7, "3.00e+7"]]) {
    assert.equal(formatNumber(value), text);
  }
});

test("values have units, classes their names, and what is missing says so", () => {
  assert.equal(describeValue({ classes: [], units: "m" }, -2.5), "−2.5 m");
  assert.equal(describeValue({ classes: [], units: "" }, 1), "1");
  assert.equal(describeValue({ classes: ["sea", "land"] }, 1), "land");
  assert.equal(describeValue({ classes: ["sea", "land"] }, 7), "class 7");
  assert.equal(describeValue({ classes: [], units: "m" }, NaN), "no value");
});

test("a panel in words", () => {
  const scale = { classes: [], low: -1, high: 1, units: "m" };
  const panel = { title: "Geoid", kind: "north", mode: "difference", scale };
  assert.equal(describePanel(panel), "Geoid: map of the north polar cap, a difference, colours from −1 to 1 m");
  const classes = { ...panel, kind: "globe", mode: "value", scale: { classes: ["a", "b"] } };
  assert.equal(describePanel(classes), "Geoid: globe, 2 classes");
  assert.equal(describePanel({ ...classes, seen: "All is land." }), "Geoid: globe, 2 classes. All is land.");
});
