import assert from "node:assert/strict";
import { test } from "node:test";

import { Flow } from "../../assets/components/live_slider/flow.js";

function flowWith(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const sent = [];
  return { sent, flow: new Flow((value) => sent.push(value), () => Date.now()) };
}

test("the first value goes at once, the next only when it is drawn, and not too soon", (t) => {
  const { sent, flow } = flowWith(t);
  flow.push(1);
  assert.deepEqual(sent, [1]);
  flow.push(2);
  t.mock.timers.tick(1000);
  assert.deepEqual(sent, [1]);
  flow.drawn();
  assert.deepEqual(sent, [1, 2]);
  flow.push(3);
  flow.drawn();
  assert.deepEqual(sent, [1, 2]);
  t.mock.timers.tick(200);
  assert.deepEqual(sent, [1, 2, 3]);
});

test("of many values that come meanwhile only the last is sent, always", (t) => {
  const { sent, flow } = flowWith(t);
  for (let value = 0; value < 50; value++) flow.push(value);
  assert.ok(!flow.isIdle);
  flow.drawn();
  t.mock.timers.tick(200);
  flow.drawn();
  assert.deepEqual(sent, [0, 49]);
  assert.ok(flow.isIdle);
});

test("a drawing that never comes does not stop the slider", (t) => {
  const { sent, flow } = flowWith(t);
  flow.push(1);
  flow.push(2);
  t.mock.timers.tick(30_000);
  assert.deepEqual(sent, [1, 2]);
});

test("where the slider is let go is sent without waiting for a drawing", (t) => {
  const { sent, flow } = flowWith(t);
  flow.push(1);
  flow.release();
  assert.ok(!flow.isIdle); // 1 has been sent, and is still to be drawn
  flow.push(2);
  flow.release();
  t.mock.timers.tick(200);
  assert.deepEqual(sent, [1, 2]);
});
