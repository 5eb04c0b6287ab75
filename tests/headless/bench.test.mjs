// What `patchbay bench` says, not how fast it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bench } from "./commands.mjs";

test("the bench times every step and the experiment on random weights", async () => {
  const { code, stdout, stderr } = await bench(["--json", "-n", "2,4", "--repeats", "1", "--rows", "8"]);
  assert.equal(code, 0, stderr);
  const { steps, experiments } = JSON.parse(stdout);
  assert.equal(steps.length, 7);
  for (const { name, flops, gflops, time } of steps) {
    assert.ok(time.least > 0 && time.least <= time.median && time.median <= time.most, name);
    assert.ok(Math.abs(gflops - flops / time.median / 1e9) < 1e-9 * gflops, name);
  }
  assert.deepEqual(
    experiments.map(({ n }) => n),
    [2, 4],
  );
  for (const { work, time, phases } of experiments) {
    // A prompt and its copy with the names exchanged begin as their flips do.
    assert.ok(work.done > 0.4 * work.needed && work.done < 0.7 * work.needed);
    const inPhases = Object.values(phases).reduce((sum, seconds) => sum + seconds, 0);
    assert.ok(inPhases > 0.5 * time.median && inPhases <= time.median);
  }
});

test("a bench of nothing is refused", async () => {
  const { code, stderr } = await bench(["--repeats", "0"]);
  assert.equal(code, 2);
  assert.match(stderr, /--repeats/);
});
