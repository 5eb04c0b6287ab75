// @vitest-environment happy-dom

import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { asking, panels } from "../../store/run.ts";
import * as session from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { stubObservers } from "../../ui/testing.ts";
import { circuit, edges, examine, paths, traceQuery } from "./asked.ts";
import { CIRCUIT } from "./index.tsx";
import { circuitAnswered, pathsAnswered } from "./testing.ts";

const { View } = CIRCUIT;
const Controls = CIRCUIT.Controls ?? (() => null);

beforeEach(() => {
  session.schemas.value = SCHEMAS;
  session.texts.value = session.defaults.value;
  session.model.value = "openai-community/gpt2";
  session.known.value = { id: session.model.value, info: { n_layer: 12, n_head: 12 } as never };
  session.problems.value = [];
  session.question.value = CIRCUIT.name;
  panels.value = [CIRCUIT];
  for (const task of [paths, circuit, examine, edges]) task.answer.value = null;
  vi.spyOn(lab, "cost").mockReset().mockResolvedValue({ needed: 9e11, done: 1.1e11, seconds: 83 });
  stubObservers();
});
afterEach(() => {
  cleanup();
  session.question.value = "another";
  vi.restoreAllMocks();
});

const names = () => [...document.querySelectorAll("[name]")].map((it) => it.getAttribute("name"));
const text = (name: string) => session.texts.value[name];
const asked = ({ wanted }: Pick<typeof paths, "wanted">) => JSON.parse(wanted.value ?? "[]").at(-1).texts;
const press = (head: string) => fireEvent.click(screen.getByRole("gridcell", { name: head }));
const marked = () =>
  screen.getAllByRole("gridcell", { selected: true }).map((cell) => cell.getAttribute("aria-label"));

it("Run asks of the step that is set, with the fields that say something", () => {
  render(<Controls />);
  expect(names()).toEqual(["circuit_step", "paths_receivers", "paths_mlps", "paths_metric", "task"]);
  expect(asking.value).toBe(paths);
  expect(asked(paths)).toMatchObject({ circuit_step: "paths", paths_receivers: "logits", n: "150" });
  expect(asked(paths)).not.toHaveProperty("paths_scored");
  fireEvent.change(screen.getByLabelText("circuit_step"), { target: { value: "circuit" } });
  expect(names()).toEqual(["circuit_step", "circuit_keep", "circuit_fill", "circuit_metric", "task"]);
  expect(asking.value).toBe(circuit);
  // What was asked before is still what it was.
  expect(asked(paths).circuit_step).toBe("paths");
  act(() => session.setText("circuit_metric", "attn_score_diff"));
  expect(names()).toContain("circuit_scored");
});

it("the map of heads writes the receivers, by what they are read for", () => {
  render(<Controls />);
  press("9.9");
  expect(text("paths_receivers")).toBe("9.9.q");
  fireEvent.change(screen.getByLabelText("or a head's"), { target: { value: "v" } });
  press("9.6");
  expect(text("paths_receivers")).toBe("9.9.q, 9.6.v");
  expect(marked()).toEqual(["9.6", "9.9"]);
  press("9.6");
  fireEvent.click(screen.getByRole("button", { name: "The logits" }));
  expect([text("paths_receivers"), screen.queryAllByRole("gridcell", { selected: true })]).toEqual([
    "logits",
    [],
  ]);
});

it("the map of heads writes the circuit, at the positions that are ticked; the keyboard walks it", () => {
  session.setText("circuit_step", "circuit");
  render(<Controls />);
  // The model's own default head, as long as none is named.
  expect(marked()).toEqual(["10.7"]);
  const grid = screen.getByRole("grid");
  fireEvent.keyDown(grid, { key: "ArrowLeft" });
  expect(text("circuit_keep")).toBe("");
  fireEvent.keyDown(grid, { key: "Enter" });
  expect(text("circuit_keep")).toBe("10.7@END, 10.6@END");
  fireEvent.click(screen.getByLabelText("all"));
  press("0.3");
  expect(text("circuit_keep")).toBe("10.7@END, 10.6@END, 0.3@all");
  expect(marked()).toEqual(["0.3", "10.6", "10.7"]);
  press("10.6");
  expect(text("circuit_keep")).toBe("10.7@END, 0.3@all");
  fireEvent.click(screen.getByLabelText("END"));
});

it("a known circuit is one press away, where the model and the task have it", () => {
  session.setText("circuit_step", "circuit");
  render(<Controls />);
  const button = () => screen.getByRole("button", { name: "the paper's heads" });
  fireEvent.click(button());
  expect(text("circuit_keep")).toBe("9.9@END, 5.5@S2");
  expect(marked()).toEqual(["5.5", "9.9"]);
  act(() => {
    session.setText("circuit_keep", "");
    session.known.value = { id: session.model.value, info: { n_layer: 2, n_head: 4 } as never };
  });
  expect(button().getAttribute("aria-disabled")).toBe("true");
  screen.getByText("This model has 2 layers of 4 heads; there is no 9.9. It is a circuit of GPT-2 small's.");
  fireEvent.click(button());
  expect(text("circuit_keep")).toBe("");
  act(() => session.setText("task", "induction"));
  screen.getByText(/^Not of this task/);
});

it("paths lead on to what the chosen head's query reads, and to a circuit of the heads that are sure", () => {
  session.chooseHead(9, 9);
  pathsAnswered(["logits"]);
  render(<View />);
  screen.getByRole("heading", { level: 2, name: /^Of 4 heads/ });
  fireEvent.click(screen.getByRole("button", { name: "Who writes what the query of 9.9 reads?" }));
  expect([text("circuit_step"), text("paths_receivers"), session.question.value]).toEqual([
    "paths",
    "9.9.q",
    "circuit",
  ]);
  fireEvent.click(screen.getByRole("button", { name: "Test the 2 heads that surely send as a circuit" }));
  expect([text("circuit_step"), text("circuit_keep")]).toEqual(["circuit", "1.0@END, 0.1@END"]);
});

it("what reads at the end of the paths belongs to the circuit, and is not traced again", () => {
  session.chooseHead(1, 1);
  pathsAnswered(["1.1.q", "1.1.k"]);
  render(<View />);
  expect(screen.queryByRole("button", { name: /^Who writes what the query of 1\.1/ })).toBeNull();
  const test = "Test the 2 heads that surely send, with what reads it, as a circuit";
  fireEvent.click(screen.getByRole("button", { name: test }));
  expect(text("circuit_keep")).toBe("1.0@all, 0.1@all, 1.1@END");
});

it("a head's query is traced from any question", () => {
  session.question.value = "writes";
  act(() => traceQuery(7, 3));
  expect([text("paths_receivers"), session.question.value]).toEqual(["7.3.q", "circuit"]);
});

it("what each node adds, and the drawing, are asked by buttons with their price", async () => {
  session.setText("circuit_step", "circuit");
  circuitAnswered();
  render(<View />);
  await screen.findAllByText("This takes about 1 min 23 s here.");
  const job = vi.spyOn(lab, "job").mockRejectedValue(new Error("no worker here"));
  fireEvent.click(screen.getByRole("button", { name: "Leave each node out" }));
  await waitFor(() => expect(job).toHaveBeenCalledOnce());
  expect(job.mock.calls[0]?.[0].question).toMatchObject({ analysis: "examine" });
  screen.getByRole("button", { name: "Trace the paths between them" });
});

it("is asked as the settings change of a small model alone", async () => {
  const job = vi.spyOn(lab, "job").mockRejectedValue(new Error("no worker here"));
  CIRCUIT.unasked?.();
  session.setText("paths_mlps", "frozen");
  await new Promise((done) => setTimeout(done, 250));
  expect(job).not.toHaveBeenCalled();
  session.known.value = { id: session.model.value, info: { n_layer: 2, n_head: 4 } as never };
  await waitFor(() => expect(job).toHaveBeenCalledOnce());
  expect(job.mock.calls[0]?.[0].question).toMatchObject({
    analysis: "paths",
    texts: { paths_mlps: "frozen" },
  });
});
