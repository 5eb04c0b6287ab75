// @vitest-environment happy-dom

import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import type { ComponentType } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NamedError } from "../../door/errors.ts";
import { READINGS } from "../../store/prompts.ts";
import { panels } from "../../store/run.ts";
import {
  chooseHead,
  head,
  known,
  model,
  problems,
  question,
  schemas,
  setText,
  texts,
} from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { PAUSE_MS } from "../../store/tasks/unasked.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { stubObservers } from "../../ui/testing.ts";
import { attention, heads, patched, patterns } from "./asked.ts";
import { ATTENTION } from "./index.tsx";

stubObservers();

const Controls = ATTENTION.Controls as ComponentType;
const asked = (analysis = "attention") =>
  job.mock.calls.flatMap(([{ question }]) =>
    "texts" in question && question.analysis === analysis ? [question.texts] : [],
  );
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
  origin: { sha256: "5c" },
  model: known.value?.info,
});

/** Of two layers of two heads, of which 1.0 writes most. */
const table = (name: string, header: string[], rows: string[][]) => ({
  name,
  title: `The ${name}`,
  header: ["head", ...header],
  rows,
  caption: "",
});
const ofHeads = () => ({
  ...reply([]),
  result: { spec: { task: { task: "ioi" } } },
  report: {
    about: "4 heads",
    stem: "heads",
    answer: "Most of all heads, 1.0 copies what it attends to (0.9).",
    notes: [],
    tables: [
      table(
        "said",
        ["what it does"],
        [
          ["1.0", "Head 1.0 copies what it attends to (0.9, 1st of 4)."],
          ["0.1", "Head 0.1 does little."],
        ],
      ),
      table(
        "scores",
        ["figure", "value", "95% CI", "rank of 4"],
        [
          ["1.0", "copying", "0.900", "–", "1st"],
          ["0.1", "copying", "0.100", "–", "3rd"],
        ],
      ),
      table(
        "prompts",
        ["prompt", "direct effect", "total effect"],
        [
          ["1.0", "7", "+2.000", "-1.000"],
          ["1.0", "3", "+1.500", "-0.500"],
        ],
      ),
    ],
    figures: [],
  },
});
const ofCell = () => ({
  ...reply([]),
  report: {
    ...reply([]).report,
    tables: [
      {
        name: "metrics",
        title: "By every metric",
        header: ["mean", "unedited", "edited", "change", "95% CI"],
        rows: [["logit diff", "-3.000", "-1.750", "+1.250", "[1.00, 1.50]"]],
        caption: "Means over prompts.",
      },
    ],
  },
});
const ofEvery = () => ({
  ...reply([" one"]),
  report: { ...reply([" one"]).report, answer: "At “ one”, 3 of 4 heads attend most to “ one”." },
});

const spied = () => vi.spyOn(lab, "job");
let job: ReturnType<typeof spied>;
beforeEach(() => {
  vi.useFakeTimers();
  for (const task of [heads, attention, patterns, patched]) {
    task.answer.value = null;
    task.problem.value = null;
  }
  schemas.value = SCHEMAS;
  texts.value = { attention_of: "text", attention_text: "a", layer: "", head: "", n: "20" };
  problems.value = [];
  model.value = "url:https://models.test/toy/";
  of(2);
  panels.value = [ATTENTION];
  question.value = "attention";
  job = spied().mockImplementation(async ({ question }) => {
    const analysis = "texts" in question ? question.analysis : question.spec.analysis;
    const of: Record<string, unknown> = { patterns: ofEvery(), heads: ofHeads(), cell: ofCell() };
    return (of[analysis] ?? reply([" one", " two"])) as never;
  });
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

/** One question after the other. */
const settled = async () => {
  for (let i = 0; i < 4; i += 1) await pause();
};

describe("what is asked", () => {
  it("is a text with what it depends on alone, a moment after it was typed", async () => {
    setText("attention_text", "ab");
    setText("attention_text", "abc");
    await pause();
    expect(asked()).toEqual([
      { attention_of: "text", attention_text: "abc", prepend_bos: "true", layer: "", head: "" },
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
    expect(job).not.toHaveBeenCalled();
  });

  it("is every head at once, whichever is chosen, and then what each does", async () => {
    await settled();
    expect(asked("patterns")).toEqual([{ attention_of: "text", attention_text: "a", prepend_bos: "true" }]);
    expect(asked("heads")).toMatchObject([{ task: "ioi", n: "20" }]);
    act(() => chooseHead(0, 1));
    await pause();
    expect([asked().length, asked("patterns").length, asked("heads").length]).toEqual([2, 1, 1]);
  });

  it("is another head of a large model, where every head has been asked of the same text", async () => {
    await settled();
    of(12);
    act(() => chooseHead(0, 1));
    await pause();
    expect(asked().at(-1)).toMatchObject({ layer: "0", head: "1" });
    job.mockClear();
    setText("attention_text", "another text");
    await pause();
    expect(job).not.toHaveBeenCalled();
  });

  it("is a run without some heads, of the head and of every head", async () => {
    setText("attention_zero", "0.1@all");
    setText("attention_of", "clean");
    await settled();
    expect([asked().at(-1), asked("patterns").at(-1)]).toMatchObject([
      { attention_of: "clean", attention_zero: "0.1@all" },
      { attention_of: "clean", attention_zero: "0.1@all" },
    ]);
    // A condition has its own edits; every head is shown in the prompt as it is.
    setText("attention_of", "conditions");
    await settled();
    expect([asked().at(-1)?.attention_zero, asked("patterns").at(-1)]).toMatchObject([
      undefined,
      { attention_of: "clean" },
    ]);
    expect(asked("patterns").at(-1)).not.toHaveProperty("attention_zero");
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
    ["clean", ["attention_of", "task", "attention_zero", "layer", "head"]],
    ["text", ["attention_of", "attention_text", "prepend_bos", "attention_zero", "layer", "head"]],
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

it("the answer is said, with what comes after the last token, and what every head attends to", async () => {
  await settled();
  render(<ATTENTION.View />);
  const headings = screen.getAllByRole("heading", { level: 2 }).map(({ textContent }) => textContent);
  expect(headings.slice(0, 2)).toEqual([
    "It attends to  one.",
    "At “\u00a0one”, 3 of 4 heads attend most to “\u00a0one”.",
  ]);
  expect(screen.queryByRole("grid", { name: /^Heads, / })).toBeNull();
  expect(document.querySelector(".predictions")?.textContent).toMatch(/^after “two” the model saystwo!50%/);
});

it("says why every head is not shown", async () => {
  job.mockImplementation(async ({ question }) => {
    if ("texts" in question && question.analysis === "patterns")
      throw new NamedError("BadInput", "all 4 heads at once are shown of at most 2 tokens", {
        field: "source",
      });
    return reply([" one", " two"]) as never;
  });
  await settled();
  render(<ATTENTION.View />);
  expect(screen.getByText("all 4 heads at once are shown of at most 2 tokens")).toBeTruthy();
});

describe("the chosen head by itself", () => {
  const shown = async () => {
    await settled();
    render(<ATTENTION.View />);
    return (name: string) => within(screen.getByRole("region", { name }));
  };

  it("is said in words, with its figures among all heads' and its prompts", async () => {
    const page = await shown();
    const of = page("Head 1.0");
    expect(of.getByText("Head 1.0 copies what it attends to (0.9, 1st of 4).")).toBeTruthy();
    const rows = [...of.getByRole("table", { name: "The scores" }).querySelectorAll("tbody tr")];
    expect(rows.map(({ textContent }) => textContent)).toEqual(["copying0.900–1st"]);
    fireEvent.click(of.getByRole("button", { name: "Prompt 3" }));
    expect(texts.value.prompt).toBe("3");
    act(() => chooseHead(0, 1));
    expect(page("Head 0.1").getByText("Head 0.1 does little.")).toBeTruthy();
    act(() => chooseHead(0, 0));
    expect(screen.queryByRole("region", { name: /^Head / })).toBeNull();
  });

  it("has what its z brings back, of a large model where that is asked for", async () => {
    const page = await shown();
    const effect = within(page("Head 1.0").getByRole("table", { name: "What its z brings back" }));
    expect(effect.getByText("+1.250")).toBeTruthy();
    const cells = () =>
      job.mock.calls.flatMap(([{ question }]) => ("spec" in question ? [question.spec.spec] : []));
    const grid = { task: { task: "ioi" }, site: "z", over: ["layer", "head"] };
    expect(cells()).toEqual([{ grid, places: [1, 0], example: 0 }]);
    act(() => {
      of(12);
      chooseHead(0, 1);
    });
    await settled();
    const other = page("Head 0.1");
    expect([cells().length, other.queryByRole("table", { name: "What its z brings back" })]).toEqual([
      1,
      null,
    ]);
    fireEvent.click(other.getByRole("button", { name: "Patch z of head 0.1" }));
    await settled();
    expect(cells().at(-1)).toMatchObject({ places: [0, 1] });
    expect(other.getByRole("table", { name: "What its z brings back" })).toBeTruthy();
  });

  it("leads to the other questions of it", async () => {
    const page = await shown();
    fireEvent.click(page("Head 1.0").getByRole("button", { name: /^What matters\?/ }));
    expect([texts.value.patch_site, texts.value.patch_over, question.value]).toEqual([
      "z",
      "layer,head",
      "matters",
    ]);
  });
});
