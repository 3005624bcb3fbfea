import assert from "node:assert/strict";
import { test } from "node:test";

import { listenToKeys, listenToSurface } from "../../assets/components/linked_globes/interaction.js";

/** The calls that a listener makes, in order. */
function recordingGlobes(extra = {}) {
  const calls = [];
  const record = (name) => (...values) => calls.push([name, ...values]);
  const globes = {
    calls,
    camera: { longitude: 175, latitude: 60, zoom: 1 },
    stage: { focus() {} },
    readout: { announce: record("announce") },
    hint: { show: record("hint"), hide() {} },
    fullScreen: { toggle: record("fullScreen") },
    takesWheel: () => false,
    isNearDivider: () => false,
    placeAt: (index, [x, y]) => [x, y],
  };
  for (const name of ["hover", "drag", "zoomBy", "moveDivider", "click", "flyHome", "turnTo", "reportCamera"]) {
    globes[name] = record(name);
  }
  return Object.assign(globes, extra);
}

/** A surface of 200 by 200 pixels with a listener, and a function that sends it an event. */
function surfaceOf(t, globes) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const surface = new EventTarget();
  surface.style = {};
  surface.setPointerCapture = () => {};
  surface.getBoundingClientRect = () => ({ left: 0, top: 0, width: 200, height: 200 });
  listenToSurface(globes, surface, 3);
  return (type, x, y, values = {}) => {
    const event = new Event(type, { cancelable: true });
    surface.dispatchEvent(Object.assign(event, { button: 0, pointerId: 1, clientX: x, clientY: y, ...values }));
    return event.defaultPrevented;
  };
}

const named = ({ calls }, ...names) => calls.filter(([name]) => names.includes(name));

test("a short press is a click at its place, unless a second one follows", (t) => {
  const globes = recordingGlobes();
  const send = surfaceOf(t, globes);
  send("pointerdown", 150, 60);
  send("pointermove", 151, 60);
  send("pointerup", 151, 60);
  assert.deepEqual(named(globes, "click", "drag"), []);
  t.mock.timers.tick(250);
  assert.deepEqual(named(globes, "click", "drag"), [["click", [51, 40]]]);
  send("pointerdown", 150, 60);
  send("pointerup", 150, 60);
  send("dblclick", 150, 60);
  t.mock.timers.tick(1000);
  assert.equal(named(globes, "click").length, 1);
  assert.equal(named(globes, "flyHome").length, 1);
});

test("a press that moves is a drag, and the camera is reported at its end", (t) => {
  const globes = recordingGlobes();
  const send = surfaceOf(t, globes);
  send("pointerdown", 100, 100);
  send("pointermove", 110, 95);
  send("pointermove", 120, 90);
  send("pointerup", 120, 90);
  t.mock.timers.tick(1000);
  assert.deepEqual(named(globes, "drag", "click", "reportCamera"), [
    ["drag", 3, [0, 0], [10, 5]],
    ["drag", 3, [10, 5], [20, 10]],
    ["reportCamera"],
  ]);
});

test("a click outside the map and a press of another button do nothing", (t) => {
  const globes = recordingGlobes({ placeAt: () => null });
  const send = surfaceOf(t, globes);
  send("pointerdown", 1, 1);
  send("pointerup", 1, 1);
  send("pointerdown", 100, 100, { button: 2 });
  send("pointerup", 100, 100, { button: 2 });
  t.mock.timers.tick(1000);
  assert.deepEqual(named(globes, "click", "drag", "reportCamera"), []);
});

test("two fingers zoom and do not turn", (t) => {
  const globes = recordingGlobes();
  const send = surfaceOf(t, globes);
  send("pointerdown", 100, 100);
  send("pointerdown", 140, 100, { pointerId: 2 });
  send("pointermove", 180, 100, { pointerId: 2 });
  assert.deepEqual(named(globes, "zoomBy", "drag"), [["zoomBy", 2]]);
});

test("a press on the divider moves it", (t) => {
  const globes = recordingGlobes({ isNearDivider: () => true });
  const send = surfaceOf(t, globes);
  send("pointerdown", 100, 100);
  send("pointermove", 130, 100);
  assert.deepEqual(named(globes, "moveDivider", "drag"), [["moveDivider", 3, 30]]);
});

test("the wheel is the page's until a map was clicked, but not with Ctrl", (t) => {
  const globes = recordingGlobes();
  const send = surfaceOf(t, globes);
  assert.ok(!send("wheel", 100, 100, { deltaY: -240 }));
  assert.deepEqual(named(globes, "zoomBy", "hint", "reportCamera").map(([name]) => name), ["hint"]);
  assert.ok(send("wheel", 100, 100, { deltaY: -240, ctrlKey: true }));
  globes.takesWheel = () => true;
  assert.ok(send("wheel", 100, 100, { deltaY: -240 }));
  assert.equal(named(globes, "zoomBy").length, 2);
  assert.equal(named(globes, "hint").length, 1);
});

test("the pointer hovers until it leaves; a lifted finger does not leave", (t) => {
  const globes = recordingGlobes();
  const send = surfaceOf(t, globes);
  send("pointermove", 110, 95);
  send("pointerleave", 0, 0, { pointerType: "touch" });
  send("pointerleave", 0, 0, { pointerType: "mouse" });
  assert.deepEqual(named(globes, "hover"), [["hover", 3, [10, 5]], ["hover", 3, null]]);
});

test("keys turn, zoom and choose; others are left to the page", () => {
  const globes = recordingGlobes();
  const stage = new EventTarget();
  listenToKeys(globes, stage);
  const press = (key, values = {}) => {
    const event = Object.assign(new Event("keydown", { cancelable: true }), { key, ...values });
    stage.dispatchEvent(event);
    return event.defaultPrevented;
  };
  for (const key of ["ArrowRight", "+", "-", "0", "Enter", "f"]) assert.ok(press(key));
  assert.ok(press("ArrowDown", { shiftKey: true }));
  assert.deepEqual(named(globes, "turnTo", "zoomBy", "flyHome", "click"), [
    ["turnTo", 185, 60],
    ["zoomBy", 1.25],
    ["zoomBy", 0.8],
    ["flyHome"],
    ["click", [175, 60]],
    ["turnTo", 175, 59],
  ]);
  assert.equal(named(globes, "fullScreen").length, 1);
  assert.equal(named(globes, "announce", "reportCamera").length, 14);
  for (const key of ["Tab", "a", "constructor"]) assert.ok(!press(key));
  assert.ok(!press("ArrowRight", { ctrlKey: true }));
});
