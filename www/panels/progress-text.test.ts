import { expect, it } from "vitest";
import { progressText } from "./progress-text.ts";

it("counts bytes, with rate and time left, while a file is read", () => {
  const step = { phase: "load", step: "model.safetensors", done: 137e6, total: 548e6 } as const;
  expect(progressText(step, 10_000)).toBe(
    "Loading: model.safetensors · 25% · 137.0 MB of 548.0 MB · 13.7 MB/s · about 30 s left",
  );
});

it("guesses no time from the first second", () => {
  const step = { phase: "run", step: "batch 1 of 9: clean run, layer 3", done: 1, total: 90 } as const;
  expect(progressText(step, 900)).toBe("batch 1 of 9: clean run, layer 3 · 1%");
  expect(progressText({ ...step, done: 30 }, 60_000)).toBe(
    "batch 1 of 9: clean run, layer 3 · 33% · about 2 min 0 s left",
  );
});

it("has no percentage where the end is unknown", () => {
  expect(progressText({ phase: "load", step: "preparing the model", done: 0, total: null }, 5000)).toBe(
    "Loading: preparing the model",
  );
});
