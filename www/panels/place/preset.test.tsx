// @vitest-environment happy-dom
// A preset that is added to the crate is on the page without a line of it: `crate/tests/native/asked/schema.rs` adds one to the crate's list
// and finds it in the schema; here that schema's choice is in the form, in what is asked, and in the answer.
import { cleanup, fireEvent, render, screen } from "@testing-library/preact";
import { afterEach, expect, it, vi } from "vitest";
import type { Report, Schema } from "../../../pkg/cpu/patchbay.js";
import { panels } from "../../store/run.ts";
import * as session from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { stubObservers } from "../../ui/testing.ts";
import { runOf } from "../reproduce/testing.ts";
import { PLACE } from "./index.tsx";
import { experiment } from "./tasks.ts";

const PRESET = { value: "a_preset", label: "A preset", help: "Is it shown?" };

/** The crate's schemas once it has one more experiment. */
const withPreset: Schema[] = SCHEMAS.map((schema) => ({
  ...schema,
  fields: schema.fields.map((field) =>
    field.name === "experiment" && field.kind.is === "choice"
      ? { ...field, kind: { ...field.kind, choices: [...field.kind.choices, PRESET] } }
      : field,
  ),
}));

const REPORT: Report = {
  about: "head 9.9 · IOI",
  stem: "L9H9",
  answer: "Head 9.9 does what the preset asks.",
  notes: ["It is a note of the preset's."],
  tables: [
    {
      name: "means",
      title: "Means by condition",
      header: ["condition", "mean"],
      rows: [["its own condition", "0.5000"]],
      caption: "",
    },
  ],
  figures: [
    {
      name: "means",
      title: "Mean by its conditions",
      caption: "How to read it.",
      chart: "dots",
      frame: {
        axes: [{ name: "condition", labels: ["its own condition"] }],
        columns: [{ name: "diff", unit: "attention score", values: [0.5] }],
      },
      groups: [],
    },
  ],
};

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

it("a preset of the crate's is a choice, is asked, and its answer is shown", () => {
  stubObservers();
  vi.spyOn(lab, "cost").mockResolvedValue({ needed: 1, done: 1, seconds: 1 });
  session.schemas.value = withPreset;
  session.texts.value = session.defaults.value;
  panels.value = [PLACE];
  const { Controls, View } = PLACE;
  if (Controls === null) throw new Error("the question has settings");

  render(<Controls />);
  const choice = screen.getByLabelText("experiment") as HTMLSelectElement;
  expect([...choice.options].map(({ text }) => text)).toContain("A preset");
  fireEvent.change(choice, { target: { value: "a_preset" } });
  expect(screen.getByText("Is it shown?")).toBeTruthy();
  expect(experiment.wanted.value).toContain('"experiment":"a_preset"');

  const run = runOf({ texts: session.textsOf("experiment"), model: session.model.value });
  run.key = experiment.wanted.value ?? "";
  run.reply.report = REPORT;
  experiment.show(run);
  render(<View />);
  expect(screen.getByRole("heading", { level: 2, name: REPORT.answer })).toBeTruthy();
  expect(screen.getByText("It is a note of the preset's.")).toBeTruthy();
  expect(screen.getByRole("rowheader", { name: "its own condition" })).toBeTruthy();
  expect(screen.getByRole("heading", { name: "Mean by its conditions" })).toBeTruthy();
});
