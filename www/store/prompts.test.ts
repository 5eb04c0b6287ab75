// @vitest-environment happy-dom

import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Read } from "../../pkg/cpu/patchbay.js";
import {
  attentionOn,
  examples,
  isFlipped,
  leftOut,
  READINGS,
  runCount,
  watchPrompts,
  wordsOf,
} from "./prompts.ts";
import { panels } from "./run.ts";
import { known, model, prompt, schemas, setText, texts } from "./session.ts";
import { lab } from "./tasks/queue.ts";
import { PAUSE_MS } from "./tasks/unasked.ts";
import { PANELS, SCHEMAS } from "./testing.ts";

const EXAMPLE = {
  sentence: "Then, Alex and Bo met. Bo waved to Alex",
  flipped: "Then, Bo and Alex met. Bo waved to Alex",
  flipped_io: "Alex",
  flipped_s: "Bo",
  io: "Alex",
  s: "Bo",
  order: "ABBA" as const,
  template: null,
};
const LEFT = { line: 2, message: "expected a sentence" };

/** As the crate: a prompt for each line with a bar, or `n` generated ones. */
const read = vi.spyOn(lab, "read").mockImplementation(async (_, { n, prompts = "" }): Promise<Read> => {
  const lines = prompts.split("\n").filter((line) => line.includes("|"));
  const own = prompts === "" ? {} : { prompts: lines.map(() => ({ sentence: "", io: "", s: "" })) };
  const dataset = { n: Number(n), ...own };
  return {
    spec: { analysis: "text", spec: { source: { task: { task: "ioi", dataset, corruption: "abc" } } } },
    problems: [],
    left_out: prompts.includes("bad") ? [LEFT] : [],
  };
});
const preview = vi.spyOn(lab, "preview").mockImplementation(async ({ n, prompts }) => {
  const count = prompts?.length ?? n;
  return { sentences: Array(count).fill(EXAMPLE), n: count };
});
const job = vi.spyOn(lab, "job");
vi.useFakeTimers();
const pause = () => vi.advanceTimersByTimeAsync(PAUSE_MS + 1);

schemas.value = SCHEMAS;
panels.value = PANELS;
texts.value = { n: "3", seed: "42", prompts: "", flip: "f", prepend_bos: "true" };
model.value = "url:https://models.test/m/";

beforeEach(async () => {
  watchPrompts();
  await pause();
  read.mockClear();
  preview.mockClear();
});

it("knows the prompts of what is set without a model, and asks no model that is not at hand", () => {
  expect([examples.value.length, runCount.value, leftOut.value]).toEqual([3, 3, []]);
  expect(wordsOf("corrupted")).toEqual({
    tokens: ["<|endoftext|>", "Then,", "Bo", "and", "Alex", "met.", "Bo", "waved", "to"],
    roles: { IO: 4, S1: 2, S2: 6, END: 8 },
  });
  expect(job).not.toHaveBeenCalled();
});

it("follows what makes prompts, a moment after the last letter, and nothing else", async () => {
  setText("layer", "3");
  setText("attention_text", "anything");
  await pause();
  expect(read).not.toHaveBeenCalled();
  setText("n", "4");
  setText("n", "45");
  await pause();
  expect([read.mock.calls.length, examples.value.length]).toEqual([1, 45]);
});

it("chooses the first prompt where there is no more one of that number", async () => {
  setText("prompt", "40");
  setText("n", "30");
  await pause();
  expect(prompt.value).toBe(0);
});

describe("with a model at hand", () => {
  it("knows the lines that its tokenizer refuses, and numbers the prompts without them", async () => {
    setText("prompts", "a | b | c\nbad\nlong | names | here");
    await pause();
    expect([runCount.value, leftOut.value]).toEqual([2, [LEFT]]);
    const all = [LEFT, { line: 3, message: "the name is two tokens" }];
    const dataset = { n: 1, prompts: [{ sentence: "", io: "", s: "" }] };
    const task = { task: "ioi", dataset, corruption: "abc" };
    job.mockResolvedValue({
      result: { spec: { source: { task, example: 0, run: "clean" } }, tokens: [], roles: {} },
      left_out: all,
      model: { n_layer: 2 },
    } as never);
    known.value = { id: model.value, info: { n_layer: 2 } as never };
    await pause();
    expect(job).toHaveBeenCalledTimes(2);
    expect([runCount.value, leftOut.value, examples.value.length]).toEqual([1, all, 1]);
    expect(READINGS.clean.stale.value).toBe(false);
    // It has said nothing of other prompts.
    setText("prompts", "");
    expect(leftOut.value).toEqual([]);
  });
});

describe("of another task", () => {
  it("are as many as it says, and the corrupted run is the task's", async () => {
    read.mockResolvedValueOnce({
      spec: { analysis: "text", spec: { source: { task: { task: "induction", n: 7, seed: 1, length: 4 } } } },
      problems: [],
      left_out: [],
    });
    setText("prompt", "9");
    setText("task", "induction");
    await pause();
    expect([runCount.value, examples.value, wordsOf("clean"), prompt.value]).toEqual([7, [], null, 0]);
    const asked = attentionOn("clean");
    expect(asked !== null && "texts" in asked && Object.keys(asked.texts)).not.toContain("symmetric");
    expect(isFlipped.value).toBe(false);
    setText("task", "ioi");
    expect(isFlipped.value).toBe(true);
  });
});
