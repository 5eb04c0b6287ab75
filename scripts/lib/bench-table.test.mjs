import assert from "node:assert/strict";
import { test } from "node:test";
import { lineThrough, rows, spread } from "./bench-table.mjs";

test("the spread is the middle, the least and the most", () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, least: 1, most: 3 });
  assert.deepEqual(spread([7]), { median: 7, least: 7, most: 7 });
});

test("the line through points, and how much of them it explains", () => {
  assert.deepEqual(
    lineThrough([
      [1, 5],
      [2, 7],
      [4, 11],
    ]),
    { start: 3, slope: 2, r2: 1 },
  );
  const { slope, r2 } = lineThrough([
    [0, 0],
    [1, 2],
    [2, 1],
    [3, 3],
  ]);
  assert.ok(Math.abs(slope - 0.8) < 1e-12 && Math.abs(r2 - 0.64) < 1e-12);
});

test("speeds are of the work done, in medians", () => {
  const step = { name: "c_fc", shape: [2, 3, 4], flops: 4e9, seconds: [2, 1, 4], first: 5, dispatches: 1 };
  const work = { needed: 8e12, done: 4e12 };
  const run = { seconds: 100, phases: { layer: 99, embedding: 1 }, work, memory: 5e8, dispatches: 0 };
  const text = rows({
    date: "2026-01-01",
    machine: { cpu: "a CPU", cores: 2 },
    sizes: { cpu: { raw: 3e6, brotli: 6e5 } },
    first_result: [1, 2, 3],
    native: {
      steps: [{ ...step, time: { least: 1, median: 2, most: 4 } }],
      experiments: [{ n: 150, time: { least: 9, median: 10, most: 11 }, work }],
      seconds_to_load: 2,
      peak_memory_bytes: 6e8,
    },
    cpu: {
      steps: [step],
      plain: [{ ...step, name: "c_fc, plain", seconds: [4] }],
      load: 3,
      experiments: [{ n: 150, runs: [run] }],
      decompositions: [{ n: 150, by: "keys", runs: [{ ...run, seconds: 75 }] }],
      grids: [{ name: "z", n: 50, runs: [{ ...run, seconds: 2500 }] }],
      growth: [
        { n: 1000, runs: [run] },
        { n: 2000, runs: [{ ...run, seconds: 200 }] },
      ],
    },
    threads: {
      steps: [{ ...step, name: "c_fc, two", seconds: [1] }],
      experiments: [{ n: 150, runs: [{ ...run, seconds: 60 }] }],
      grids: [{ name: "z, two", n: 50, runs: [{ ...run, seconds: 1500 }] }],
    },
    gpu: null,
  });
  assert.match(
    text,
    /\| native, all cores \| 150 \| 10\.00 s \(9\.00 s to 11\.00 s\) \| 4\.000 \| 50 % \| 400\.0 \|/,
  );
  // 40 GFLOP/s where the fastest step did 4.
  assert.match(text, /\| tab, one thread \| 150 \| 100\.00 s .* \| 40\.0 \| 1000 % \|/);
  assert.match(text, /\| tab, all cores \| 150 \| 60\.00 s .* \| 66\.7 \|/);
  assert.match(text, /\| c_fc, two \| 2 × 3 × 4 \| 1\.00 s .* \| 4\.0 \|/);
  assert.match(text, /\| z, two \| 50 \| 1500\.00 s /);
  assert.match(text, /\| keys \| 150 \| 75\.00 s .* \| 0\.75 \| 500 MB \|/);
  // At the step's 2 GFLOP/s its 4 TFLOP would take 2000 s.
  assert.match(text, /\| z \| 50 \| 2500\.00 s .* \| 4\.000 \| 1\.6 \| 1\.25 \| 8\.00 \|/);
  assert.match(text, /\| c_fc \| 2 × 3 × 4 \| 2\.00 s \(1\.00 s to 4\.00 s\) \| 2\.0 \|/);
  assert.match(text, /\| c_fc, plain \| 2 × 3 × 4 \| 4\.00 s \(4\.00 s to 4\.00 s\) \| 1\.0 \|/);
  assert.match(text, /Fit: 0 ms and 100\.000 ms a prompt, R² 1\.0000\./);
  assert.doesNotMatch(text, /WebGPU/);
});
