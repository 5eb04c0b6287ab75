import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { latest, once } from "./turns.mjs";

test("work that is done once", async () => {
  let times = 0;
  const get = once(async () => ++times);
  assert.deepEqual([await get(), await get()], [1, 1]);
});

test("a swarm of changes is one piece of work, and changes during it are one more", async () => {
  const seen = [];
  let state = 0;
  const work = latest(async () => {
    const begun = state;
    await sleep(40);
    seen.push(begun);
  }, 5);
  const end = work();
  for (state = 1; state < 4; state++) await work();
  await sleep(25);
  for (state = 5; state < 9; state++) await work();
  await end;
  assert.deepEqual(seen, [4, 9]);
  await work();
  assert.deepEqual(seen, [4, 9, 9]);
});

test("work that has failed is done again when asked for", async () => {
  let times = 0;
  const work = latest(async () => {
    if (++times === 1) throw new Error("once");
  }, 1);
  await assert.rejects(work(), /once/);
  await work();
  assert.equal(times, 2);
});
