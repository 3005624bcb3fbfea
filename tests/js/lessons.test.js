import assert from "node:assert/strict";
import { test } from "node:test";

import { finishedLessons, markFinished } from "../../assets/components/lessons/finished.js";

const KEY = "sphere2vec-lab.lessons";

/** A page whose storage holds a text under the lessons' key, or nothing. */
function pageWith(text) {
  const held = new Map(text === undefined ? [] : [[KEY, text]]);
  const localStorage = {
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => held.set(key, String(value)),
  };
  return { localStorage, held };
}

function refuse() {
  throw new DOMException("denied", "SecurityError");
}

test("finished lessons are kept, once each, for the next visit", () => {
  const page = pageWith();
  assert.deepEqual(finishedLessons(page), []);
  markFinished(page, "tears");
  markFinished(page, "poles");
  assert.deepEqual(markFinished(page, "tears"), ["poles", "tears"]);
  assert.deepEqual(finishedLessons(page), ["poles", "tears"]);
  assert.deepEqual([...page.held.keys()], [KEY]); // no other key of the browser is touched
  assert.deepEqual(finishedLessons(pageWith(page.held.get(KEY))), ["poles", "tears"]);
});

test("a closed storage has no lessons, and a finished one counts on this page", () => {
  const closed = [
    { get localStorage() { return refuse(); } }, // cookies are blocked
    { localStorage: { getItem: refuse, setItem: refuse } },
    { localStorage: null },
  ];
  for (const page of closed) {
    assert.deepEqual(finishedLessons(page), []);
    assert.deepEqual(markFinished(page, "tears"), ["tears"]);
  }
});

test("a full storage keeps what it had", () => {
  const page = pageWith('["poles"]');
  page.localStorage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  assert.deepEqual(markFinished(page, "tears"), ["poles", "tears"]);
  assert.deepEqual(finishedLessons(page), ["poles"]);
});

test("damaged content is no lesson, and the next one mends it", () => {
  for (const text of ["", "{", "null", "7", '"tears"', '{"tears": true}']) {
    const page = pageWith(text);
    assert.deepEqual(finishedLessons(page), [], text);
    assert.deepEqual(markFinished(page, "tears"), ["tears"], text);
    assert.deepEqual(finishedLessons(page), ["tears"], text);
  }
  assert.deepEqual(finishedLessons(pageWith('["tears", 7, null, ["poles"], {}]')), ["tears"]);
});

test("a list that somebody has made long is cut", () => {
  const names = Array.from({ length: 1000 }, (_, i) => `lesson ${i}`);
  assert.equal(finishedLessons(pageWith(JSON.stringify(names))).length, 100);
});
