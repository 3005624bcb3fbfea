import assert from "node:assert/strict";
import { test } from "node:test";

test("all modules load without a page: each imports only what another exports", async () => {
  const { default: entry } = await import("../../assets/components/linked_globes/main.js");
  assert.equal(typeof entry, "function");
});
