// @vitest-environment happy-dom

import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/preact";
import type { ComponentType } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Read, TextResult } from "../../../pkg/cpu/patchbay.js";
import { examples, READINGS, type Run } from "../../store/prompts.ts";
import { model, problems, prompt, schemas, texts } from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { stubObservers } from "../../ui/testing.ts";
import { PROMPTS } from "./index.tsx";

stubObservers();

const NAMES = ["Alex", "Bo", "Cy", "Di"] as const;
const example = (i: number, order: "ABBA" | "BABA" = i % 2 === 0 ? "ABBA" : "BABA") => {
  const [io, s] = [NAMES[i % 4] ?? "", NAMES[(i + 1) % 4] ?? ""];
  const names = order === "ABBA" ? `${io} and ${s}` : `${s} and ${io}`;
  return {
    sentence: `Then, ${names} met. ${s} waved to ${io}`,
    flipped: `Then, ${s} and ${io} met. ${s} waved to ${io}`,
    flipped_io: io,
    flipped_s: s,
    io,
    s,
    order,
    template: { order, index: i % 3 },
  };
};
const LINE = "Then, Alex and Bo met. Bo waved to Alex | Alex | Bo";

beforeEach(() => {
  schemas.value = SCHEMAS;
  texts.value = { n: "20", prompts: "", prompt: "1", prepend_bos: "true" };
  problems.value = [];
  model.value = "ioi-mini";
  examples.value = Array.from({ length: 20 }, (_, i) => example(i));
  for (const task of Object.values(READINGS)) task.answer.value = null;
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const list = () => screen.getByRole("listbox", { name: "Prompts" });
const rows = () => within(list()).getAllByRole("option");
const status = () => screen.getByText(/prompts shown$/).textContent;
const choose = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });

describe("the list", () => {
  it("names each row by number, template, sentence and roles", () => {
    render(<PROMPTS.View />);
    const name = "Prompt 2, BABA 2: Then, Cy and Bo met. Cy waved to Bo. IO Bo, S Cy.";
    expect(screen.getByRole("option", { name })).toBe(rows()[1]);
    expect(rows()[1]?.textContent).toBe(
      `${name}2 BABA 2Then, CyS1 and BoIO met. CyS2 waved toENDThen, Cy and Bo met. Cy waved to`,
    );
  });

  it("of ten thousand has no more rows than of twenty", () => {
    examples.value = Array.from({ length: 10_000 }, (_, i) => example(i));
    render(<PROMPTS.View />);
    expect(rows().length).toBeLessThan(20);
    expect(rows()[0]?.getAttribute("aria-setsize")).toBe("10000");
    // As the browser does at its end.
    list().scrollTop = 10_000 * 68;
    fireEvent.scroll(list());
    const last = rows().at(-1);
    expect([last?.getAttribute("aria-posinset"), last?.dataset.place]).toEqual(["10000", "9999"]);
  });

  it("is one stop, whose arrow keys choose; a click does too", () => {
    render(<PROMPTS.View />);
    for (const [key, place] of [
      ["ArrowUp", 0],
      ["ArrowDown", 1],
      ["PageDown", 5],
      ["End", 19],
      ["ArrowDown", 19],
      ["PageUp", 15],
      ["Home", 0],
    ] as const) {
      fireEvent.keyDown(list(), { key });
      expect([key, prompt.value]).toEqual([key, place]);
    }
    fireEvent.click(rows()[3]?.querySelector("b") as Element);
    expect(prompt.value).toBe(3);
    const active = document.getElementById(list().getAttribute("aria-activedescendant") ?? "");
    expect([active?.getAttribute("aria-selected"), active?.dataset.place]).toEqual(["true", "3"]);
    expect(rows().filter((row) => row.getAttribute("aria-selected") === "true")).toEqual([active]);
  });

  it("filtered says how many are left, and keeps what is chosen until a key chooses another", () => {
    render(<PROMPTS.View />);
    choose("Order", "BABA");
    expect(status()).toBe("10 of 20 prompts shown");
    expect([list().getAttribute("aria-activedescendant"), prompt.value]).toEqual([null, 0]);
    fireEvent.keyDown(list(), { key: "Enter" });
    expect(prompt.value).toBe(1);
    choose("Template", "BABA 2");
    expect(status()).toBe("4 of 20 prompts shown");
    choose("Order", "");
    choose("Template", "");
    fireEvent.input(screen.getByLabelText("With the words"), { target: { value: "no such words" } });
    expect(status()).toBe("0 of 20 prompts shown");
    fireEvent.keyDown(list(), { key: "ArrowDown" });
    expect(prompt.value).toBe(1);
  });
});

function answer(run: Run, tokens: string[], roles: Record<string, number>) {
  const result: Partial<TextResult> = {
    spec: { source: {} as never, layer: 1, head: 0, predictions: 3 },
    tokens,
    ids: tokens.map((token) => 100 + token.length),
    roles,
  };
  READINGS[run].answer.value = {
    key: READINGS[run].wanted.value,
    asked: { question: { analysis: "attention", texts: { ...texts.value } }, model: model.value },
    reply: { result, left_out: [], model: {} },
  } as never;
}

describe("the chosen prompt", () => {
  it("is shown token by token with roles, positions and ids, and its flip with what stands at the roles' places", () => {
    answer("clean", ["Then,", " Alex", " and", " Bo", " met.", " Bo", " waved", " to"], {
      IO: 1,
      S1: 3,
      S2: 5,
      END: 7,
    });
    answer("corrupted", ["Then,", " Bo", " and", " Alex", " met.", " Bo", " waved", " to"], {
      IO: 3,
      S1: 1,
      S2: 5,
      END: 7,
    });
    render(<PROMPTS.View />);
    const boxes = (label: string) =>
      within(screen.getByRole("list", { name: label }))
        .getAllByRole("listitem")
        .map(({ textContent }) => textContent);
    expect(boxes("Tokens").slice(0, 4)).toEqual(["Then,0105", "IO·Alex1105", "·and2104", "S1·Bo3103"]);
    expect(boxes("Tokens of the flipped prompt").slice(1, 4)).toEqual([
      "S1·Bo1103",
      "·and2104",
      "IO·Alex3105",
    ]);
    expect(
      screen.getByText(
        /at the clean prompt's places: at that of IO stands Bo, of S1 stands Alex, of S2 stands Bo\.$/,
      ),
    ).toBeTruthy();
    expect(document.querySelectorAll(".other")).toHaveLength(2);
  });

  it("of one's own has an order and no template", () => {
    examples.value = [{ ...example(0), template: null }];
    texts.value = { ...texts.value, prompts: LINE };
    render(<PROMPTS.View />);
    expect(screen.getByText("ABBA, of your own · IO Alex · S Bo")).toBeTruthy();
    expect(screen.queryByLabelText("Template")).toBeNull();
    expect(document.querySelector(".prompts")?.textContent).not.toMatch(/template/);
  });
});

describe("prompts of one's own", () => {
  const area = () => screen.getByLabelText<HTMLTextAreaElement>("Your prompts");
  const write = (value: string) => fireEvent.input(area(), { target: { value } });
  const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
  const lines = () => screen.queryAllByText(/^Line \d/).map(({ textContent }) => textContent);

  const BAD = [2, 3].map((line) => ({ line, message: `expected a sentence, found ${line}` }));
  const checked = (left_out: Read["left_out"], count: number): Read => ({
    spec: {
      analysis: "experiment",
      spec: { dataset: { n: count, prompts: Array(count).fill({}) }, flip: "" },
    },
    problems: [],
    left_out,
  });

  beforeEach(() => {
    vi.spyOn(lab, "read").mockImplementation(async (_, { prompts = "" }) =>
      prompts.trim() === "" ? checked([], 0) : checked(BAD, 1),
    );
  });

  it("are counted once, with every line that is none, before they are in use", async () => {
    render(<PROMPTS.View />);
    write(`${LINE}\na\nb`);
    await waitFor(() => expect(lines()).toHaveLength(2));
    expect(lines()[0]).toBe("Line 2: expected a sentence, found 2.");
    expect(screen.getAllByText(/\d of \d lines/).map(({ textContent }) => textContent)).toEqual([
      "1 of 3 lines is a prompt, as far as this is known without a model's tokens.",
    ]);
    expect(texts.value.prompts).toBe("");
  });

  it("are used, edited in place, and gone back from without a loss", async () => {
    texts.value = { ...texts.value, n: "no number" };
    problems.value = [{ field: "n", message: "expected a whole number" }];
    render(<PROMPTS.View />);
    write(LINE);
    press("Use these prompts");
    expect([texts.value.prompts, texts.value.n]).toEqual([LINE, "150"]);
    expect(screen.getByRole("heading", { level: 2 }).textContent).toBe("Your own prompts");
    write(`${LINE}\n`);
    expect(texts.value.prompts).toBe(`${LINE}\n`);
    press("Back to generated prompts");
    expect(texts.value.prompts).toBe("");
    expect(area().value).toBe(`${LINE}\n`);
  });

  it("say at the text what is wrong with it as a whole", () => {
    texts.value = { ...texts.value, prompts: "just text" };
    problems.value = [{ field: "prompts", message: "no line is a prompt; line 1: expected a sentence" }];
    render(<PROMPTS.View />);
    expect(area().getAttribute("aria-invalid")).toBe("true");
    const described = area().getAttribute("aria-describedby")?.split(" ") ?? [];
    expect(described.map((id) => document.getElementById(id)?.textContent).join()).toContain(
      "no line is a prompt",
    );
  });

  it("of which none is one have each line's reason once, and no count", async () => {
    const [first, second] = BAD;
    const message = `no line is a prompt; line ${first?.line}: ${first?.message}`;
    vi.mocked(lab.read).mockResolvedValue({
      spec: null,
      problems: [{ field: "prompts", message }],
      left_out: BAD,
    });
    render(<PROMPTS.View />);
    write("\na\nb");
    await screen.findByText(message);
    expect(lines()).toEqual([`Line ${second?.line}: ${second?.message}.`]);
    expect(document.querySelector(".own-count")).toBeNull();
    write("");
  });

  it("take the place of the fields of generated ones", () => {
    const Controls = PROMPTS.Controls as ComponentType;
    const fields = () => {
      render(<Controls />);
      const names = [...document.querySelectorAll("[name]")].map((it) => it.getAttribute("name"));
      cleanup();
      return names;
    };
    expect(fields()).toEqual(["task", "n", "seed", "symmetric", "prompt_type", "prepend_bos", "flip"]);
    texts.value = { ...texts.value, prompts: LINE };
    expect(fields()).toEqual(["task", "seed", "prepend_bos", "flip"]);
    texts.value = { ...texts.value, task: "induction" };
    expect(fields()).toEqual(["task", "induction_length", "n", "seed", "prepend_bos"]);
    texts.value = { ...texts.value, task: "pairs" };
    expect(fields()).toEqual(["task", "prepend_bos"]);
  });

  it("are the generated ones copied, as many as may be run", async () => {
    const preview = vi
      .spyOn(lab, "preview")
      .mockResolvedValue({ sentences: [example(0), example(1)], n: 3000 });
    render(<PROMPTS.View />);
    press("Copy the generated prompts to edit");
    await screen.findByText("2 prompts copied; 2,000 is the most, and 3,000 are generated.");
    expect(area().value.split("\n")[0]).toBe(LINE);
    expect(preview).toHaveBeenCalledWith(expect.anything(), "", 2000);
  });

  it("are not copied where what is generated has a mistake", async () => {
    vi.mocked(lab.read).mockResolvedValue({
      spec: null,
      problems: [{ field: "flip", message: "expected a flip" }],
      left_out: [],
    });
    render(<PROMPTS.View />);
    press("Copy the generated prompts to edit");
    await screen.findByText("Nothing was copied: mend the field flip first.");
  });

  it.each([
    ["a text in UTF-8", [`${LINE}\n`], "mine.txt is in the text.", LINE],
    [
      "another encoding",
      [new Uint8Array([0xe9, 0x0a])],
      /The file was not opened: expected text in UTF-8/,
      null,
    ],
    ["too much", ["x".repeat(1_000_001)], /expected at most 1,000,000 bytes, found 1,000,001/, null],
  ])("are opened from a file: %s", async (_, parts, said, text) => {
    render(<PROMPTS.View />);
    write("what was there");
    const files = [new File(parts as BlobPart[], "mine.txt")];
    // Neither is in this document's events: a file that is dropped, and one that is picked.
    const dropped = Object.assign(new Event("drop", { bubbles: true, cancelable: true }), {
      dataTransfer: { files },
    });
    if (text === null) fireEvent(area(), dropped);
    else fireEvent.change(screen.getByLabelText("A file of prompts"), { target: { files } });
    await screen.findByText(said);
    expect(area().value).toBe(text ?? "what was there");
    write("");
  });
});

it("keeps the text of one's own open where all of it is deleted", async () => {
  render(<PROMPTS.View />);
  const folded = () => screen.getByText(/^Prompts of your own/).closest("details");
  const type = (value: string) =>
    fireEvent.input(screen.getByLabelText("Your prompts"), { target: { value } });
  expect(folded()?.open).toBe(false);
  type(LINE);
  await waitFor(() => expect(folded()?.open).toBe(true));
  type("");
  await screen.findByText("Prompts of your own");
  expect(folded()?.open).toBe(true);
});
