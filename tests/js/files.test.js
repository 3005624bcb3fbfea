import assert from "node:assert/strict";
import { test } from "node:test";

import { FileCache, fetchWithRetry } from "../../assets/components/linked_globes/files.js";

const answer = (status) => ({ ok: status === 200, status, arrayBuffer: async () => new ArrayBuffer(8) });

/** Lets fetch answer with these statuses, the last one again and again; no wait takes time. Returns what is fetched. */
function serve(t, ...statuses) {
  const fetched = [];
  t.mock.method(globalThis, "fetch", async (address) => {
    fetched.push(address);
    return answer(statuses.length > 1 ? statuses.shift() : statuses[0]);
  });
  t.mock.method(globalThis, "setTimeout", (callback) => queueMicrotask(callback));
  return fetched;
}

test("a file that is gone for a moment is fetched again", async (t) => {
  const fetched = serve(t, 404, 404, 200);
  assert.equal((await fetchWithRetry("/media/a.bin")).byteLength, 8);
  assert.equal(fetched.length, 3);
});

test("a file that never comes is an error that names it", async (t) => {
  const fetched = serve(t, 404);
  await assert.rejects(fetchWithRetry("/media/a.bin"), { message: "/media/a.bin: 404" });
  assert.equal(fetched.length, 8);
});

test("a file in use is fetched once", async (t) => {
  const fetched = serve(t, 200);
  const files = new FileCache();
  const [first, second] = await Promise.all([1, 2].map(() => files.get("/media/a.bin", (buffer) => buffer)));
  assert.equal(first, second);
  assert.equal(await files.get("/media/a.bin", () => "not made again"), first);
  assert.equal(await files.get("/media/a.bin", () => "in other units", "a in metres"), "in other units");
  assert.equal(fetched.length, 2);
});

test("a file out of use is forgotten, and one that failed is tried again", async (t) => {
  const fetched = serve(t, 200);
  const files = new FileCache();
  await files.get("/media/a.bin", () => 1);
  await files.get("/media/b.bin", () => 1);
  files.keepOnly(new Set(["/media/a.bin"]));
  await files.get("/media/a.bin", () => 1);
  await files.get("/media/b.bin", () => 1);
  assert.deepEqual(fetched, ["/media/a.bin", "/media/b.bin", "/media/b.bin"]);
  await assert.rejects(files.get("/media/c.bin", () => { throw new Error("damaged"); }));
  assert.equal(await files.get("/media/c.bin", () => 2), 2);
});
