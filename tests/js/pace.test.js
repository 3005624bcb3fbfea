import assert from "node:assert/strict";
import { test } from "node:test";

import { Pace } from "../../assets/components/linked_globes/pace.js";

function paceWith(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const rest = t.mock.fn();
  return { pace: new Pace(rest), rest };
}

test("slow pictures of a moving camera make the maps coarse, quick ones fine again", (t) => {
  const { pace } = paceWith(t);
  pace.move();
  for (let i = 0; i < 20; i++) pace.drawn(100);
  assert.ok(pace.slow);
  pace.drawn(10);
  assert.ok(pace.slow); // one quick picture says little
  for (let i = 0; i < 30; i++) pace.drawn(10);
  assert.ok(!pace.slow);
});

test("pictures while the camera rests do not count", (t) => {
  const { pace } = paceWith(t);
  for (let i = 0; i < 20; i++) pace.drawn(1000);
  assert.ok(!pace.slow && !pace.moving);
});

test("the camera rests when neither it nor a picture has come for a while", (t) => {
  const { pace, rest } = paceWith(t);
  pace.move();
  t.mock.timers.tick(200);
  pace.drawn(30);
  t.mock.timers.tick(200);
  assert.ok(pace.moving && rest.mock.callCount() === 0);
  t.mock.timers.tick(100);
  assert.ok(!pace.moving && rest.mock.callCount() === 1);
});

test("nothing happens after the end", (t) => {
  const { pace, rest } = paceWith(t);
  pace.move();
  pace.destroy();
  t.mock.timers.tick(1000);
  assert.equal(rest.mock.callCount(), 0);
});
