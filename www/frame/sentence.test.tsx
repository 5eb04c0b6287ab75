// @vitest-environment happy-dom

import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { TextResult } from "../../pkg/cpu/patchbay.js";
import { examples, READINGS, type Run } from "../store/prompts.ts";
import { panels } from "../store/run.ts";
import { model, prompt, schemas, setText, texts } from "../store/session.ts";
import { PANELS, SCHEMAS } from "../store/testing.ts";
import { stubObservers } from "../ui/testing.ts";
import { Sentence } from "./sentence.tsx";

stubObservers();

const EXAMPLE = {
  sentence: "Then, Alex and Anthony met. Anthony waved to Alex",
  flipped: "Then, Anthony and Alex met. Anthony waved to Alex",
  flipped_io: "Alex",
  flipped_s: "Anthony",
  io: "Alex",
  s: "Anthony",
  order: "ABBA" as const,
  template: null,
};

const TOKENS = [
  "<|endoftext|>",
  "Then",
  ",",
  " Alex",
  " and",
  " Anthony",
  " met",
  ".",
  " Anthony",
  " waved",
  " to",
];
const flippedTokens = TOKENS.with(3, " Anthony").with(5, " Alex");

/** At every token but the first the head attends to the one before, 0.7, and to the first, 0.3. */
function result(tokens: string[]): TextResult {
  const row = (query: number) =>
    Array.from({ length: query + 1 }, (_, key) => (key === query - 1 ? 0.7 : key === 0 ? 0.3 : 0));
  return {
    spec: { source: {} as never, layer: 1, head: 0, predictions: 3 },
    tokens,
    ids: tokens.map((_, i) => i),
    roles: { IO: 3, S1: 5, "S1+1": 6, S2: 8, END: 10 },
    scores: [],
    value_norms: [],
    pattern: tokens.map((_, query) => row(query)),
    predictions: tokens.map((token) => [
      { id: 1, token: `${token}!`, probability: 0.9 },
      { id: 2, token: " more", probability: 0.0004 },
    ]),
    words: tokens.map((token, at) => ({ attends: `At ${at}.`, attended: `To ${token.trim()}.` })),
  };
}

function answer(run: Run, of: TextResult) {
  const task = READINGS[run];
  task.answer.value = {
    key: task.wanted.value,
    asked: {
      question: {
        analysis: "attention",
        texts: { ...texts.value, prompt: "1", attention_of: run === "clean" ? run : "flipped" },
      },
      model: model.value,
    },
    reply: { result: of, left_out: [], model: {} },
  } as never;
}

beforeEach(() => {
  schemas.value = SCHEMAS;
  panels.value = PANELS;
  texts.value = { prompts: "", prepend_bos: "true", prompt: "1" };
  model.value = "url:https://models.test/m/";
  examples.value = [EXAMPLE, { ...EXAMPLE, io: "Bo", sentence: EXAMPLE.sentence.replaceAll("Alex", "Bo") }];
  for (const task of Object.values(READINGS)) task.answer.value = null;
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const line = (run: Run) => within(screen.getByRole("list", { name: `The ${run} prompt, token by token` }));
const token = (run: Run, at: number) => line(run).getAllByRole("button")[at] as HTMLElement;
const reading = () => document.querySelector(".reading")?.textContent;
const says = () => document.querySelector(".predictions")?.textContent;

describe("before the model has read it", () => {
  it("is words, with the roles where they can be told", () => {
    render(<Sentence />);
    const words = (run: Run) =>
      line(run)
        .getAllByRole("listitem")
        .map((it) => it.querySelector(".token-box")?.textContent);
    expect(words("clean")).toEqual([
      "BOS",
      "Then,",
      "AlexIO",
      "and",
      "AnthonyS1",
      "met.",
      "AnthonyS2",
      "waved",
      "toEND",
    ]);
    // The roles are of its own names.
    expect(words("corrupted").slice(2, 5)).toEqual(["AnthonyS1", "and", "AlexIO"]);
    expect(screen.queryAllByRole("button", { name: /Alex/ })).toEqual([]);
    expect(says()).toContain("What models.test/m says next is shown here once it has been run.");
  });

  it("says that it is the task's own where the question is asked of something else", () => {
    const [place, why] = PANELS;
    panels.value = [
      { ...(place as (typeof PANELS)[number]), apart: () => "it is asked of a text" },
      why as never,
    ];
    render(<Sentence />);
    screen.getByText("clean, the task's own prompt: it is asked of a text");
    act(() => {
      panels.value = PANELS;
    });
    screen.getByText("clean");
  });

  it("is walked by number; what is no number of a prompt says which there are", () => {
    render(<Sentence />);
    const field = screen.getByLabelText<HTMLInputElement>("Prompt");
    fireEvent.click(screen.getByRole("button", { name: "Next prompt" }));
    expect([prompt.value, field.value, texts.value.prompt]).toEqual([1, "2", "2"]);
    expect(line("clean").getByText("Bo")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Next prompt" }));
    expect(prompt.value).toBe(1);
    fireEvent.input(field, { target: { value: "999" } });
    fireEvent.blur(field);
    expect([prompt.value, field.value, field.getAttribute("aria-invalid")]).toEqual([1, "999", "true"]);
    const said = () => document.getElementById(field.getAttribute("aria-describedby") ?? "")?.textContent;
    expect(said()).toBe('expected a whole number from 1 to 2, found "999"');
    fireEvent.input(field, { target: { value: "" } });
    expect(said()).toBe("expected a whole number from 1 to 2, found nothing");
    fireEvent.input(field, { target: { value: "1" } });
    expect([prompt.value, said()]).toEqual([0, undefined]);
    // Another prompt, chosen elsewhere, is what it shows then.
    fireEvent.input(field, { target: { value: "7" } });
    act(() => setText("prompt", "2"));
    expect([field.value, said()]).toEqual(["2", undefined]);
  });
});

describe("as the model reads it", () => {
  beforeEach(() => {
    answer("clean", result(TOKENS));
    answer("corrupted", result(flippedTokens));
    render(<Sentence />);
  });

  it("says what comes after END, and after the token that is pointed at", () => {
    expect(says()).toMatch(/^after “to” the model saysto!90%more<0.1%$/);
    fireEvent.pointerEnter(token("corrupted", 3), { pointerType: "mouse" });
    expect(says()).toMatch(/^after “Anthony” the model says/);
  });

  it("shades what the token attends to and what attends to it, and says both", () => {
    expect(reading()).toMatch(/^Point at a token for what head 1\.0 attends to/);
    fireEvent.pointerEnter(token("clean", 5), { pointerType: "mouse" });
    expect(reading()).toBe("At 5. To Anthony.");
    const shaded = (run: Run) =>
      line(run)
        .getAllByRole("listitem")
        .flatMap((it, at) => (Number(it.style.getPropertyValue("--shade")) > 0 ? [at] : []));
    // The first and the one before it, and the one after, whose one before it is.
    expect([shaded("clean"), shaded("corrupted")]).toEqual([[0, 4, 6], []]);
    fireEvent.pointerLeave(screen.getByRole("list", { name: /The clean/ }));
    expect(shaded("clean")).toEqual([]);
  });

  it("keeps a token that is clicked until it is clicked again", () => {
    fireEvent.click(token("clean", 3), { detail: 1 });
    fireEvent.pointerEnter(token("clean", 5), { pointerType: "mouse" });
    expect(reading()).toBe("At 3. To Alex.");
    fireEvent.click(token("clean", 3), { detail: 1 });
    expect(reading()).toBe("At 5. To Anthony.");
  });

  it("with another head says nothing of the head before, and keeps the tokens", () => {
    fireEvent.click(token("clean", 3), { detail: 1 });
    act(() => {
      setText("layer", "0");
      setText("head", "2");
    });
    expect(reading()).toBe("");
    expect(line("clean").getAllByRole("button")).toHaveLength(TOKENS.length);
  });

  it.each([
    ["prompt", "2"],
    ["seed", "7"],
    ["flip", "ABB -> ABA, BAB -> BAA"],
  ])("with another %s is words again, not another prompt's tokens", (name, text) => {
    act(() => setText(name, text));
    expect(line("clean").queryAllByRole("button")).toEqual([]);
  });
});
