// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { DecompositionResult, Report } from "../../../pkg/cpu/patchbay.js";
import { HUB_ID, MINI_ID } from "../../door/sources.ts";
import mini from "../../public/models/ioi-mini/card.json";
import { READINGS } from "../../store/prompts.ts";
import { panels } from "../../store/run.ts";
import * as session from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import type { Answer } from "../../store/tasks/task.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { stubObservers } from "../../ui/testing.ts";
import { runOf } from "../reproduce/testing.ts";
import { decompose, WHY } from "./index.tsx";

const [LAYER, HEAD] = mini.default_head.map(String);

const { View } = WHY;
const Controls = WHY.Controls ?? (() => null);

const components = ["W_E", "MLP_0", "7.9", "8.10", "9.6", "9.9"];
const axis = (name: string) => ({ name, labels: components });
const REPORT: Report = {
  about: "head 10.7 · IOI",
  stem: "L10H7",
  answer: "The pair contributes most.",
  notes: [],
  tables: [],
  figures: [
    {
      name: "pairs",
      title: "All pairs",
      caption: "",
      chart: "pairs",
      frame: {
        axes: [axis("query"), axis("key")],
        columns: [
          { name: "contribution", unit: "score", values: components.flatMap(() => [0, 1, 2, 3, 4, 5]) },
        ],
      },
      groups: [],
    },
  ],
};

/** A decomposition of this head. */
function answered(model: string, head: [number, number]) {
  const run = runOf({ texts: session.textsOf("decompose"), model }) as Answer as Answer<DecompositionResult>;
  run.key = decompose.wanted.value ?? "";
  run.reply.report = REPORT;
  run.reply.result = { head } as DecompositionResult;
  decompose.show(run);
}

beforeEach(() => {
  session.schemas.value = SCHEMAS;
  session.texts.value = session.defaults.value;
  session.model.value = MINI_ID;
  session.known.value = null;
  session.question.value = WHY.name;
  panels.value = [WHY];
  decompose.answer.value = null;
  stubObservers();
});
afterEach(() => {
  cleanup();
  session.question.value = "another";
  vi.restoreAllMocks();
});

const zoom = () => screen.getByLabelText<HTMLInputElement>("zoom", { selector: "input" });
const marks = () => screen.getByLabelText<HTMLInputElement>("marked pairs").value;

it("expects pairs of GPT-2 small's 10.7, and of no other head or model", () => {
  const view = render(<View />);
  for (const [model, head, expected] of [
    [HUB_ID, [10, 7], "9.6 MLP_0, 9.9 MLP_0, 8.10 MLP_0, 7.9 MLP_0"],
    [HUB_ID, [10, 0], ""],
    ["url:https://example.org/gpt2/", [10, 7], ""],
  ] as const) {
    act(() => answered(model, [...head]));
    expect([model, head, marks()]).toEqual([model, head, expected]);
  }
  view.unmount();
});

it("has its figures as they were set, after another answer and another question, until they are as usual again", async () => {
  answered(HUB_ID, [10, 7]);
  const view = render(<View />);
  fireEvent.input(zoom(), { target: { value: "4" } });
  fireEvent.input(screen.getByLabelText("marked pairs"), { target: { value: "" } });
  expect(session.texts.value).toMatchObject({ "decompose.pairs.zoom": "4", "decompose.pairs.marks": "" });
  act(() => answered(HUB_ID, [10, 7]));
  view.unmount();
  render(<View />);
  expect([zoom().value, marks()]).toEqual(["4", ""]);
  fireEvent.input(zoom(), { target: { value: "1" } });
  fireEvent.input(screen.getByLabelText("marked pairs"), {
    target: { value: "9.6 MLP_0, 9.9 MLP_0, 8.10 MLP_0, 7.9 MLP_0" },
  });
  expect(Object.keys(session.texts.value).filter((name) => name.startsWith("decompose.pairs"))).toEqual([]);
});

it("shows the model's own head in the empty fields, and the span only where something is projected on it", async () => {
  render(<Controls />);
  expect(screen.getByLabelText<HTMLInputElement>("layer").placeholder).toBe(LAYER);
  expect(screen.getByLabelText<HTMLInputElement>("head").placeholder).toBe(HEAD);
  expect(screen.queryByLabelText("decompose_span")).toBeNull();
  act(() => session.setText("decompose_by", "both"));
  expect(screen.getByLabelText("decompose_span")).toBeTruthy();
  // What does not go with it says why before it is chosen.
  const [, substituted] = screen.getByLabelText<HTMLSelectElement>("decompose_query").options;
  expect([substituted?.disabled, substituted?.text]).toEqual([
    true,
    "sub_W_U_IO (not where both sides are taken apart)",
  ]);
});

it("names the usual name mover where the model has such a head", async () => {
  for (const [n_layer, named] of [
    [2, false],
    [12, true],
  ] as const) {
    session.known.value = { id: MINI_ID, info: { n_layer } as never };
    render(<View />);
    const more = screen.getByText("If the head read something simple").closest("details");
    if (more === null) throw new Error("it is folded");
    more.open = true;
    fireEvent(more, new Event("toggle"));
    const said = await screen.findByText(/^One vector is put in place/);
    expect(said.textContent?.includes("else 9.9")).toBe(named);
    cleanup();
  }
});

it("is asked as the settings change of a small model alone", async () => {
  const job = vi.spyOn(lab, "job").mockRejectedValue(new Error("no worker here"));
  const info = (n_layer: number) => ({ id: MINI_ID, info: { n_layer, default_head: [1, 0] } as never });
  WHY.unasked?.();
  session.known.value = info(12);
  session.setText("decompose_by", "queries");
  await new Promise((done) => setTimeout(done, 250));
  expect(job).not.toHaveBeenCalled();
  session.known.value = info(2);
  await waitFor(() => expect(job).toHaveBeenCalledOnce());
  expect(job.mock.calls[0]?.[0].question).toMatchObject({ texts: { decompose_by: "queries" } });
  session.setText("n", "400");
  await new Promise((done) => setTimeout(done, 250));
  expect(job).toHaveBeenCalledOnce();
  // Where there are own prompts, n says nothing.
  const own = { n: "150", prompts: "as many lines" };
  READINGS.clean.answer.value = {
    asked: { question: { texts: { ...session.texts.value, ...own } }, model: MINI_ID },
    reply: {
      result: { spec: { source: { task: { task: "ioi", dataset: { prompts: Array(400).fill({}) } } } } },
    },
  } as never;
  session.texts.value = { ...session.texts.value, ...own };
  await new Promise((done) => setTimeout(done, 250));
  expect(job).toHaveBeenCalledOnce();
});
