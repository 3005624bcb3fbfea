import assert from "node:assert/strict";
import { test } from "node:test";

import { Connection } from "../../assets/components/connection/connection.js";

/** A page with the little that the notice uses; `report` is what its observers are told. */
function pageWith(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const observers = [];
  globalThis.MutationObserver = class {
    constructor(report) {
      this.report = report;
      observers.push(this);
    }
    observe() {
      this.observes = true;
    }
    disconnect() {
      this.observes = false;
    }
  };
  const app = { state: "CONNECTED", getAttribute: () => app.state };
  const page = { body: {}, querySelector: () => app, createElement: (name) => ({ name, textContent: "" }) };
  const notice = { parts: [], replaceChildren: (...parts) => (notice.parts = parts) };
  const connection = new Connection(page, notice);
  connection.words = { title: "Away.", text: "It comes back." };
  const become = (state) => {
    app.state = state;
    observers[0].report();
  };
  return { notice, connection, become, dialogs: observers[1] };
}

test("a long break is told until it ends, a short one is not", (t) => {
  const { notice, become } = pageWith(t);
  become("PINGING_SERVER");
  t.mock.timers.tick(1000);
  become("CONNECTED");
  t.mock.timers.tick(10000);
  assert.equal(notice.parts.length, 0);
  become("PINGING_SERVER");
  t.mock.timers.tick(1000);
  become("CONNECTING"); // the break goes on
  t.mock.timers.tick(1000);
  assert.deepEqual(notice.parts.map((part) => part.textContent), ["Away.", "It comes back."]);
  become("CONNECTED");
  assert.equal(notice.parts.length, 0);
});

test("only dialogs that open during a break are closed", (t) => {
  const { become, dialogs } = pageWith(t);
  const click = t.mock.fn();
  const dialog = { matches: (selector) => selector.includes("stDialog"), querySelector: () => ({ click }) };
  assert.ok(!dialogs.observes);
  become("PINGING_SERVER");
  assert.ok(dialogs.observes);
  dialogs.report([{ addedNodes: [{ matches: () => false }, {}, dialog] }]);
  assert.equal(click.mock.callCount(), 1);
  become("CONNECTED");
  assert.ok(!dialogs.observes);
});

test("nothing happens after the end", (t) => {
  const { notice, connection, become, dialogs } = pageWith(t);
  become("PINGING_SERVER");
  connection.destroy();
  t.mock.timers.tick(10000);
  assert.equal(notice.parts.length, 0);
  assert.ok(!dialogs.observes);
});
