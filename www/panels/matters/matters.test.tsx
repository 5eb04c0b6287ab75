// @vitest-environment happy-dom

import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { panels } from "../../store/run.ts";
import { runs } from "../../store/runs/runs.ts";
import * as session from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import type { Answer } from "../../store/tasks/task.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { stubObservers } from "../../ui/testing.ts";
import { patch } from "./asked.ts";
import { MATTERS } from "./index.tsx";
import { answered, reportOf } from "./testing.ts";

const { View } = MATTERS;
const Controls = MATTERS.Controls ?? (() => null);

beforeEach(() => {
  session.schemas.value = SCHEMAS;
  session.texts.value = session.defaults.value;
  session.model.value = "openai-community/gpt2";
  session.known.value = null;
  session.problems.value = [];
  session.question.value = MATTERS.name;
  panels.value = [MATTERS];
  patch.answer.value = null;
  vi.spyOn(lab, "cost").mockReset().mockResolvedValue({ needed: 9e11, done: 1.1e11, seconds: 83 });
  // Everything is near the view, and has a width.
  stubObservers({ inView: true });
});
afterEach(() => {
  cleanup();
  session.question.value = "another";
  vi.restoreAllMocks();
});

const names = () => [...document.querySelectorAll("[name]")].map((it) => it.getAttribute("name"));
const asked = () => JSON.parse(patch.wanted.value ?? "[]").at(-1).texts;
const cell = (name: string) => screen.getByRole("region", { name });

it("asks with the fields that say something beside the others", () => {
  render(<Controls />);
  expect(names()).toEqual(["patch_site", "patch_edit", "patch_over", "patch_at", "patch_metric", "task"]);
  expect(asked()).toMatchObject({ patch_site: "z", patch_at: "all", n: "150" });
  expect(asked()).not.toHaveProperty("patch_scored");
  act(() => session.setText("patch_site", "q_input"));
  act(() => session.setText("patch_over", "layer,role"));
  act(() => session.setText("patch_metric", "attn_score_diff"));
  expect(names()).toEqual([
    "patch_site",
    "patch_edit",
    "patch_freeze_ln",
    "patch_over",
    "patch_metric",
    "patch_scored",
    "task",
  ]);
  expect(asked()).not.toHaveProperty("patch_at");
});

it("takes another grid where all heads share what is replaced, and says why one cannot be chosen", async () => {
  render(<Controls />);
  fireEvent.change(screen.getByLabelText("patch_site"), { target: { value: "resid_pre" } });
  await waitFor(() => expect(session.texts.value.patch_over).toBe("layer,role"));
  const over = screen.getByLabelText<HTMLSelectElement>("patch_over");
  expect([...over.options].map(({ disabled, text }) => (disabled ? text : ""))).toEqual([
    "layer,head (resid_pre is shared by all heads)",
    "",
    "",
    "role,layer,head (resid_pre is shared by all heads)",
  ]);
});

it("says what it costs before it is run, where the model is at hand", async () => {
  render(<Controls />);
  await new Promise((done) => setTimeout(done, 500));
  expect(lab.cost).not.toHaveBeenCalled();
  session.known.value = { id: session.model.value, info: { n_layer: 12 } as never };
  await screen.findByText(
    "This takes 0.11 TFLOP, about 1 min 23 s here (every run from its beginning would be 8 times as much).",
  );
  act(() => void answered(["layer", "head"]));
  expect(screen.queryByText(/This takes/)).toBeNull();
});

it("says of what other questions have measured that it costs nothing", async () => {
  vi.mocked(lab.cost).mockResolvedValue({ needed: 9e11, done: 0, seconds: 0 });
  session.known.value = { id: session.model.value, info: { n_layer: 12 } as never };
  render(<Controls />);
  await screen.findByText("This has been computed already.");
});

it("opens the head that is chosen on the page, with its numbers and its prompts", () => {
  answered(["layer", "head"]);
  session.chooseHead(1, 0);
  render(<View />);
  expect(screen.getByRole("heading", { level: 2 }).textContent).toBe("Of 4 heads, three bring it back.");
  const numbers = within(cell("Head 1.0")).getByRole("table", { name: "Head 1.0" });
  expect([...numbers.querySelectorAll("tbody tr")].map(({ textContent }) => textContent)).toEqual([
    "recovered, of the way to the clean run0.20[0.15, 0.25]",
    "logit diff, logits-2.8–",
  ]);
  expect(cell("Head 1.0").textContent).toContain("Of 3 prompts.");
  expect(screen.getByRole("heading", { name: "Head 1.0, prompt by prompt" })).toBeTruthy();
  act(() => session.chooseHead(0, 1));
  expect(cell("Head 0.1")).toBeTruthy();
  // A head that the grid does not have has no cell.
  act(() => session.chooseHead(9, 9));
  expect(screen.queryByRole("region", { name: /^Head/ })).toBeNull();
});

it("opens the largest place, or the one that was clicked, which a link carries", async () => {
  answered(["layer", "role"]);
  render(<View />);
  expect(cell("Layer 1, END")).toBeTruthy();
  act(() => {
    session.texts.value = { ...session.texts.value, "patch.map.kept": "0 1" };
  });
  expect(cell("Layer 0, END")).toBeTruthy();
});

it("puts its map beside a kept run's over the same places, with their difference", async () => {
  const shown = answered(["layer", "head"]);
  const kept = (number: number, answer: object) => ({
    key: `k${number}`,
    number,
    panel: MATTERS.name,
    version: "",
    answer: answer as Answer,
  });
  const other = { ...shown, key: "other" };
  const elsewhere = {
    ...shown,
    key: "elsewhere",
    reply: { ...shown.reply, report: reportOf(["layer", "role"]) },
  };
  runs.value = [kept(3, elsewhere), kept(2, shown), kept(1, other)];
  render(<View />);
  const choice = screen.getByLabelText<HTMLSelectElement>(/^Beside/);
  expect([...choice.options].map(({ text }) => text)).toEqual(["no other run", "run 1: z patched"]);
  fireEvent.change(choice, { target: { value: "k1" } });
  expect(
    await screen.findByRole("figure", { name: "run 1 and this answer, and their difference" }),
  ).toBeTruthy();
  act(() => {
    runs.value = [];
  });
  expect(screen.queryByLabelText(/^Beside/)).toBeNull();
  expect(screen.getByText(/two maps can be put beside each other here/)).toBeTruthy();
});

it("is asked as the settings change of a small model alone", async () => {
  const job = vi.spyOn(lab, "job").mockRejectedValue(new Error("no worker here"));
  const info = (n_layer: number) => ({ id: session.model.value, info: { n_layer } as never });
  MATTERS.unasked?.();
  session.known.value = info(12);
  session.setText("patch_edit", "zero");
  await new Promise((done) => setTimeout(done, 250));
  expect(job).not.toHaveBeenCalled();
  session.known.value = info(2);
  await waitFor(() => expect(job).toHaveBeenCalledOnce());
  expect(job.mock.calls[0]?.[0].question).toMatchObject({ analysis: "patch", texts: { patch_edit: "zero" } });
});
