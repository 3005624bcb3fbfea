import assert from "node:assert/strict";
import { test } from "node:test";

import { Walk } from "../../assets/components/linked_globes/walk.js";

class FakeElement extends EventTarget {
  setAttribute(name, value) {
    this[name] = value;
  }
}

/** Replaces intervals; returns a function that lets a number of them pass. */
function mockIntervals(t) {
  const running = new Set();
  t.mock.method(globalThis, "setInterval", (callback) => running.add(callback) && callback);
  t.mock.method(globalThis, "clearInterval", (callback) => running.delete(callback));
  return (count) => {
    for (let i = 0; i < count; i++) for (const callback of running) callback();
  };
}

/** A walk of three places, and the globes as far as it knows them. */
function walkOf(t) {
  const pass = mockIntervals(t);
  const parts = {};
  const root = { querySelector: (name) => (parts[name] ??= new FakeElement()) };
  const scene = { walk: [[15, 60], [15, 75], [15, 90]], frame: 0 };
  const globes = {
    scene,
    reported: [],
    showFrame: (frame) => (scene.frame = Math.min(frame, scene.walk.length - 1)),
    reportFrame: () => globes.reported.push(scene.frame),
  };
  const walk = new Walk(globes, root);
  walk.fit(scene);
  return { walk, pass, scene, globes, slider: parts[".walk-slider"], button: parts[".walk-play"], parts };
}

const press = (element) => element.dispatchEvent(new Event("click"));

test("the slider fits the walk and names the place", (t) => {
  const { slider, parts } = walkOf(t);
  assert.equal(slider.max, 2);
  assert.equal(parts[".walk"].hidden, false);
  assert.equal(parts[".walk-place"].textContent, "15.00° E, 60.00° N");
  assert.equal(slider["aria-valuetext"], "15.00° E, 60.00° N");
});

test("dragging the slider moves, and only letting go reports", (t) => {
  const { slider, scene, globes } = walkOf(t);
  slider.value = "1";
  slider.dispatchEvent(new Event("input"));
  assert.equal(scene.frame, 1);
  assert.deepEqual(globes.reported, []);
  slider.dispatchEvent(new Event("change"));
  assert.deepEqual(globes.reported, [1]);
});

test("it plays to the end, reports, and starts again from the beginning", (t) => {
  const { pass, button, scene, globes } = walkOf(t);
  press(button);
  assert.equal(button["aria-label"], "Pause the walk");
  pass(5);
  assert.equal(scene.frame, 2);
  assert.deepEqual(globes.reported, [2]);
  assert.equal(button["aria-label"], "Play the walk");
  press(button);
  assert.equal(scene.frame, 0);
});

test("a pause holds the place", (t) => {
  const { pass, button, scene, globes } = walkOf(t);
  press(button);
  pass(1);
  press(button);
  pass(5);
  assert.equal(scene.frame, 1);
  assert.deepEqual(globes.reported, [1]);
});

test("a scene without a walk hides the bar and ends the play", (t) => {
  const { walk, pass, button, scene, parts } = walkOf(t);
  press(button);
  walk.fit({ walk: null });
  pass(5);
  assert.equal(scene.frame, 0);
  assert.equal(parts[".walk"].hidden, true);
  assert.equal(button["aria-label"], "Play the walk");
});

test("a shorter walk that comes while it plays ends it at its own end", (t) => {
  const { walk, pass, button, scene, globes } = walkOf(t);
  press(button);
  scene.walk = scene.walk.slice(0, 2);
  walk.fit(scene);
  pass(5);
  assert.equal(scene.frame, 1);
  assert.deepEqual(globes.reported, [1]);
});
