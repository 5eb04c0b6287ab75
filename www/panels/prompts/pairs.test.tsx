// @vitest-environment happy-dom

import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ExamplesResult, Pair } from "../../../pkg/cpu/patchbay.js";
import { put, rows, watchPairs } from "../../store/pairs.ts";
import { READINGS } from "../../store/prompts.ts";
import { panels } from "../../store/run.ts";
import { known, model, prompt, question, schemas, setText, texts } from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { PROMPTS } from "./index.tsx";
import { shown } from "./shown.ts";

const PAIR: Pair = {
  clean: "The keys here",
  corrupt: "The key here",
  answers: [" are"],
  wrong_answers: [" is"],
};
const OTHER: Pair = { ...PAIR, corrupt: "The one key here" };

/** Words are tokens; a pair of other lengths does not fit. */
function read(pairs: readonly Pair[]): ExamplesResult {
  const tokens = (text: string) => text.split(/(?= )/);
  const all = pairs.map(({ clean, corrupt }, i) => ({
    number: i + 1,
    clean: tokens(clean),
    corrupted: tokens(corrupt),
    why: "they must have as many",
    answers: "“ are”",
    wrong_answers: "“ is”",
    positions: [2, 3],
  }));
  const fits = all.filter(({ clean, corrupted }) => clean.length === corrupted.length);
  return {
    roles: ["DIFF1", "END"],
    examples: fits.map((row) => ({
      ...row,
      clean: ["<|endoftext|>", ...row.clean],
      corrupted: ["<|endoftext|>", ...row.corrupted],
    })),
    left_out: all.filter((row) => !fits.includes(row)),
    count: fits.length,
  };
}

/** As the model has read what is written now. */
function answer() {
  const result = read(rows.value);
  shown.answer.value = { key: shown.wanted.value, asked: { model: model.value }, reply: { result } } as never;
}

beforeEach(() => {
  schemas.value = SCHEMAS;
  panels.value = [PROMPTS];
  question.value = "prompts";
  model.value = "url:https://models.test/m/";
  known.value = { id: model.value, info: { n_layer: 2 } as never };
  texts.value = { task: "pairs", pairs: "", prepend_bos: "true", prompt: "1" };
  vi.spyOn(lab, "job").mockReturnValue(new Promise(() => {}));
  for (const task of Object.values(READINGS)) task.answer.value = null;
  shown.answer.value = null;
  watchPairs();
  put([], {});
});
afterEach(cleanup);

const row = (at: number) =>
  within(screen.getAllByRole("listitem").filter((it) => it.matches(".pair-row"))[at] as HTMLElement);

it("writes each row into the settings as it is typed, and what is empty not", () => {
  render(<PROMPTS.View />);
  fireEvent.click(screen.getByText("Add a row"));
  expect(texts.value.pairs).toBe("");
  fireEvent.input(row(0).getByLabelText("Clean"), { target: { value: "The keys" } });
  fireEvent.input(row(0).getByLabelText("Answers"), { target: { value: " are| were" } });
  expect(JSON.parse(texts.value.pairs ?? "")).toEqual({
    prompts: [{ clean: "The keys", corrupt: "", answers: [" are", " were"], wrong_answers: [] }],
  });
  fireEvent.click(screen.getByLabelText("Remove row 1"));
  expect(texts.value.pairs).toBe("");
});

it("has tokens under each other, marks what differs, and says why a row is not run", () => {
  put([OTHER, PAIR]);
  render(<PROMPTS.View />);
  act(answer);
  expect(screen.getByText("1 of 2 pairs are run.")).toBeTruthy();
  expect(row(0).getByText("Not run: they must have as many.")).toBeTruthy();
  expect(row(1).queryByText(/Not run/)).toBeNull();
  const tokens = [...document.querySelectorAll(".pair-row:nth-child(2) .aligned-token")];
  expect(tokens.map((token) => token.textContent)).toEqual([
    "BOSBOS",
    "TheThe",
    "keyskeyDIFF1",
    "herehereEND",
  ]);
  expect(tokens.map((token) => token.classList.contains("differs"))).toEqual([false, false, true, false]);
});

it("puts the row that is chosen to work, by its place among those that are run", () => {
  put([OTHER, PAIR, PAIR]);
  render(<PROMPTS.View />);
  act(answer);
  fireEvent.click(row(2).getByText("Put it to work above"));
  expect(prompt.value).toBe(1);
});

it("names a position by a click on its token, without the token before the prompts, and takes the name away", () => {
  put([PAIR]);
  render(<PROMPTS.View />);
  act(answer);
  const token = () => row(0).getByText("keys");
  fireEvent.click(token());
  fireEvent.input(screen.getByLabelText("Name of position 1 in every pair"), {
    target: { value: "SUBJECT" },
  });
  fireEvent.click(screen.getByText("Name it"));
  expect(JSON.parse(texts.value.pairs ?? "").word_idxs).toEqual({ SUBJECT: 1 });
  fireEvent.click(token());
  fireEvent.click(screen.getByText("Remove SUBJECT"));
  expect(JSON.parse(texts.value.pairs ?? "").word_idxs).toBeUndefined();
});

it("adds what is pasted to the rows, and says which are none", async () => {
  const pairs = vi.spyOn(lab, "pairs").mockResolvedValue({
    rows: [{ problem: "missing field `clean`" }, PAIR],
    word_idxs: { SUBJECT: 1 },
    prepend_bos: false,
  });
  put([OTHER]);
  render(<PROMPTS.View />);
  fireEvent.input(screen.getByLabelText("Paste or drop many"), { target: { value: "some text" } });
  fireEvent.click(screen.getByText("Add these"));
  await screen.findByText("1 pair added. Row 1 is left out: missing field `clean`.");
  expect(pairs).toHaveBeenCalledWith("some text");
  expect(JSON.parse(texts.value.pairs ?? "")).toEqual({ prompts: [OTHER, PAIR], word_idxs: { SUBJECT: 1 } });
  expect(texts.value.prepend_bos).toBe("false");
  pairs.mockRejectedValue(new Error("it is empty"));
  fireEvent.input(screen.getByLabelText("Paste or drop many"), { target: { value: " ," } });
  await waitFor(() => expect(screen.queryByText(/1 pair added/)).toBeNull());
  fireEvent.click(screen.getByText("Add these"));
  await screen.findByText("Nothing was added: it is empty.");
});

it("follows the pairs of a link", async () => {
  vi.spyOn(lab, "pairs").mockResolvedValue({ rows: [PAIR, PAIR], word_idxs: {}, prepend_bos: true });
  render(<PROMPTS.View />);
  setText("pairs", "clean,corrupted,answer,wrong");
  await vi.waitFor(() => expect(screen.getAllByLabelText("Clean")).toHaveLength(2));
  expect(rows.value).toEqual([PAIR, PAIR]);
  expect(row(1).getByLabelText<HTMLInputElement>("Clean").value).toBe("The keys here");
});

it("has ready sets", async () => {
  render(<PROMPTS.View />);
  fireEvent.change(screen.getByLabelText("A ready set"), { target: { value: "agreement" } });
  fireEvent.click(screen.getByText("Use this set"));
  await screen.findByText(
    "Subject and verb: 28 pairs are in the table. Which of them this model can run is said below.",
  );
  expect(rows.value[0]?.clean).toBe("The keys to the cabinet");
});
