// @vitest-environment happy-dom

import { act, cleanup, fireEvent, render, screen } from "@testing-library/preact";
import type { ComponentType } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NamedError } from "../../door/errors.ts";
import { READINGS } from "../../store/prompts.ts";
import { panels } from "../../store/run.ts";
import { head, known, model, problems, question, schemas, setText, texts } from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { PAUSE_MS } from "../../store/tasks/unasked.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { ATTENTION, attention } from "./index.tsx";

vi.stubGlobal(
  "ResizeObserver",
  class {
    observe() {}
    disconnect() {}
  },
);
vi.stubGlobal(
  "IntersectionObserver",
  class {
    observe() {}
    disconnect() {}
  },
);

const Controls = ATTENTION.Controls as ComponentType;
const asked = () => job.mock.calls.map(([{ question }]) => ("texts" in question ? question.texts : {}));
const of = (n_layer: number) => {
  known.value = { id: model.value, info: { n_layer, n_head: 4, default_head: [1, 0] } as never };
};
const reply = (tokens: string[]) => ({
  result: {
    tokens,
    predictions: tokens.map((token) => [{ id: 1, token: `${token}!`, probability: 0.5 }]),
  },
  report: {
    about: "head 1.0",
    stem: "L1H0-text",
    answer: `It attends to ${tokens[0]}.`,
    notes: [],
    tables: [],
    figures: [],
  },
  left_out: [],
  model: known.value?.info,
});

const spied = () => vi.spyOn(lab, "job");
let job: ReturnType<typeof spied>;
beforeEach(() => {
  vi.useFakeTimers();
  schemas.value = SCHEMAS;
  texts.value = { attention_of: "text", attention_text: "a", layer: "", head: "", n: "20" };
  problems.value = [];
  model.value = "ioi-mini";
  of(2);
  panels.value = [ATTENTION];
  question.value = "attention";
  attention.answer.value = null;
  job = spied().mockImplementation(async () => reply([" one", " two"]) as never);
  ATTENTION.unasked?.();
});
afterEach(async () => {
  cleanup();
  question.value = "another";
  await vi.runAllTimersAsync();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pause = () =>
  act(async () => {
    await vi.advanceTimersByTimeAsync(PAUSE_MS + 1);
  });

describe("what is asked", () => {
  it("is a text with what it depends on alone, a moment after it was typed", async () => {
    setText("attention_text", "ab");
    setText("attention_text", "abc");
    await pause();
    expect(asked()).toEqual([
      { attention_of: "text", attention_text: "abc", prepend_bos: "true", layer: "1", head: "0" },
    ]);
    setText("n", "no number");
    await pause();
    expect(asked()).toHaveLength(1);
  });

  it("is nothing unasked of a large model, or while another question is in view", async () => {
    await pause();
    job.mockClear();
    of(12);
    setText("attention_text", "for the large one");
    await pause();
    of(2);
    question.value = "another";
    panels.value = [{ ...ATTENTION, name: "another" }];
    setText("attention_text", "for another");
    await pause();
    expect(asked()).toEqual([]);
  });

  it("is not asked again where the sentence above has been read: that is the answer", async () => {
    await pause();
    job.mockClear();
    setText("attention_of", "clean");
    const { clean } = READINGS;
    clean.answer.value = {
      key: clean.wanted.value,
      asked: {},
      reply: reply([" of", " the", " sentence"]),
    } as never;
    await pause();
    expect([asked(), attention.answer.value?.key === attention.wanted.value]).toEqual([[], true]);
    clean.answer.value = null;
  });

  it("says at the field what the crate says of it", async () => {
    const wrong = [
      { field: "attention_text", message: "the text has 65 tokens; this model reads at most 64" },
    ];
    job.mockRejectedValue(new NamedError("BadInput", "it", { field: "attention_text", problems: wrong }));
    render(<Controls />);
    fireEvent.input(screen.getByLabelText("attention_text"), { target: { value: "long\nin two lines" } });
    await pause();
    const field = screen.getByLabelText("attention_text");
    expect([field.tagName, field.getAttribute("aria-invalid")]).toEqual(["TEXTAREA", "true"]);
    expect(screen.getByText(/the text has 65 tokens/)).toBeTruthy();
  });
});

describe("the settings", () => {
  const names = () => [...document.querySelectorAll("[name]")].map((it) => it.getAttribute("name"));

  it.each([
    ["clean", ["attention_of", "task", "layer", "head"]],
    ["text", ["attention_of", "attention_text", "prepend_bos", "layer", "head"]],
    ["conditions", ["attention_of", "freeze_ln", "experiment", "layer", "head"]],
  ])("for %s are those that matter", (kind, expected) => {
    setText("attention_of", kind);
    render(<Controls />);
    expect(names()).toEqual(expected);
  });

  it("have a cell for each head: the arrow keys choose its neighbours, a click any", () => {
    render(<Controls />);
    const grid = screen.getByRole("grid", { name: /^Heads, 2 layers of 4\./ });
    expect(screen.getAllByRole("gridcell")).toHaveLength(8);
    const chosen = () => document.getElementById(grid.getAttribute("aria-activedescendant") ?? "");
    expect(chosen()?.getAttribute("aria-label")).toBe("1.0");
    for (const [key, now] of [
      ["ArrowLeft", [1, 0]],
      ["ArrowDown", [1, 0]],
      ["ArrowRight", [1, 1]],
      ["ArrowUp", [0, 1]],
    ] as const) {
      fireEvent.keyDown(grid, { key });
      expect([key, head.value]).toEqual([key, now]);
    }
    expect(screen.getByLabelText<HTMLInputElement>("layer").value).toBe("0");
    expect(chosen()?.getAttribute("aria-selected")).toBe("true");
  });
});

it("the answer is said, with what comes after the last token", async () => {
  await pause();
  render(<ATTENTION.View />);
  expect(screen.getByRole("heading", { level: 2 }).textContent).toBe("It attends to  one.");
  expect(document.querySelector(".predictions")?.textContent).toMatch(/^after “two” the model saystwo!50%/);
});
