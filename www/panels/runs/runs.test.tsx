// @vitest-environment happy-dom

import { cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { message, panels } from "../../store/run.ts";
import { runs, unkept, unreadableRuns } from "../../store/runs/runs.ts";
import { arrivals, device, model, problems, question, schemas, texts } from "../../store/session.ts";
import { Task } from "../../store/tasks/task.ts";
import { stubObservers } from "../../ui/testing.ts";
import { RUNS } from "./index.tsx";
import { run } from "./testing.ts";

vi.mock("idb-keyval", () => ({ createStore: () => null, del: async () => undefined }));
stubObservers();

const task = new Task({ name: "experiment", wants: () => null });
const ONE = run({ clean: [1, 2], patched: [0, 1] });
const TWO = run({ clean: [1, 2], patched: [0.5, 0.25] }, { number: 2, texts: { freeze_ln: "false" } });
const THREE = run(null, { number: 3 });

beforeEach(() => {
  const field = (name: string) => ({ name, label: name, kind: { is: "text" }, default: "" });
  const names = ["layer", "head", "seed", "freeze_ln", "decompose_by"];
  schemas.value = [{ analysis: "experiment", fields: names.map(field) }] as never;
  panels.value = [{ name: "place", title: "Place or name?", task, Controls: null, View: () => null }, RUNS];
  runs.value = [THREE, TWO, ONE];
  unkept.value = null;
  unreadableRuns.value = [];
  question.value = "runs";
  message.value = null;
  task.answer.value = TWO.answer as never;
  render(<RUNS.View />);
});
afterEach(() => {
  for (const box of screen.queryAllByRole("checkbox", { checked: true })) fireEvent.click(box);
  cleanup();
});

const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
const box = (number: number) =>
  screen.getByRole<HTMLInputElement>("checkbox", { name: `Compare run ${number}` });
const status = () =>
  screen
    .getAllByRole("status")
    .map(({ textContent }) => textContent)
    .join("");

describe("the list of runs", () => {
  it("says of each what was asked and what came out, and which is shown", () => {
    const [third, second, first] = screen.getAllByRole("row");
    expect(first?.textContent).toMatch(
      /Run 1: Place or name\?.*Answer 1\.clean 1\.5000 · patched 0\.5000ioi-mini · head 1\.2 · IOI, 2 prompts/,
    );
    expect(second?.textContent).toMatch(/Run 2.*shown · /);
    expect([third, second, first].map((row) => row?.getAttribute("aria-current"))).toEqual([
      null,
      "true",
      null,
    ]);
  });

  it("shows a run again in its question, and leaves the form alone", () => {
    const [before, arrived] = [texts.value, arrivals.value];
    press("Show run 1");
    expect(task.answer.value).toBe(ONE.answer);
    expect(question.value).toBe("place");
    expect(arrivals.value).toBe(arrived + 1);
    expect(message.value?.news).toBe("Run 1 is shown.");
    expect(texts.value).toBe(before);
  });

  it("shows a run of one of several tasks as that task's", () => {
    const other = new Task({ name: "paths", wants: () => null });
    const by = { field: "step", tasks: [other, task] };
    cleanup();
    panels.value = [{ name: "place", title: "", task: other, by, Controls: null, View: () => null }, RUNS];
    render(<RUNS.View />);
    press("Show run 1");
    expect([task.answer.value, other.answer.value, texts.value.step]).toEqual([
      ONE.answer,
      null,
      "experiment",
    ]);
  });

  it("puts a run's settings into the form, without fields that are not there any more", () => {
    const asked = run(null, {
      number: 4,
      model: "url:https://models.test/m/",
      texts: { seed: "7", gone: "x" },
    });
    cleanup();
    runs.value = [asked];
    render(<RUNS.View />);
    texts.value = { seed: "x", decompose_by: "both" };
    problems.value = [{ field: "seed", message: "wrong" }];
    device.value = "cpu";
    press("Use settings of run 4");
    expect(texts.value).toMatchObject({ seed: "7", layer: "1", decompose_by: "both" });
    expect(texts.value).not.toHaveProperty("gone");
    expect([model.value, device.value, question.value]).toEqual([
      "url:https://models.test/m/",
      "auto",
      "place",
    ]);
    expect(problems.value).toEqual([]);
    expect(message.value?.news).toBe("The settings of run 4 are in the form.");
  });

  it("removes a run; what is shown stays", async () => {
    press("Remove run 2");
    await vi.waitFor(() => expect(screen.getAllByRole("row")).toHaveLength(2));
    expect(status()).toBe("Run 2 is removed from the list.");
    expect(task.answer.value).toBe(TWO.answer);
  });

  it("does not offer to show what this version of the page does not ask", () => {
    cleanup();
    runs.value = [{ ...ONE, panel: "another" }];
    render(<RUNS.View />);
    expect(screen.getByRole("row").textContent).toMatch(/Run 1: another/);
    expect(screen.queryByRole("button", { name: "Show run 1" })).toBeNull();
  });

  it("says why runs are not kept, and what cannot be read", () => {
    cleanup();
    unkept.value = "Run 3 is not kept for the next visit: the storage is full.";
    unreadableRuns.value = ["a", "b"];
    render(<RUNS.View />);
    expect(screen.getByText(/the storage is full/)).toBeTruthy();
    expect(screen.getByText(/^2 kept runs cannot be read/)).toBeTruthy();
    press("Delete them");
    expect(unreadableRuns.value).toEqual([]);
  });
});

describe("comparing", () => {
  it("shows two runs side by side: what differs, the means, prompt by prompt", async () => {
    fireEvent.click(box(2));
    expect(status()).toBe("Tick a second run to compare.");
    expect(screen.queryByRole("region", { name: /beside/ })).toBeNull();
    fireEvent.click(box(1));
    const comparison = within(screen.getByRole("region", { name: "Run 1 beside run 2" }));
    const cells = (name: string) =>
      within(comparison.getByRole("table", { name }))
        .getAllByRole("row")
        .map((row) => [...row.children].map(({ textContent }) => textContent));
    expect(cells("Settings that differ")).toEqual([
      ["setting", "run 1", "run 2"],
      ["freeze_ln", "true", "false"],
    ]);
    expect(cells("Means of both runs")[2]?.slice(0, 4)).toEqual(["patched", "0.5000", "0.3750", "-0.1250"]);
    const details = comparison.getByText("Prompt by prompt: run 2 minus run 1")
      .parentElement as HTMLDetailsElement;
    details.open = true;
    fireEvent(details, new Event("toggle"));
    await comparison.findByRole("table", { name: "Prompt by prompt: run 2 minus run 1" });
    expect(cells("Prompt by prompt: run 2 minus run 1")).toHaveLength(3);
  });

  it("says that two is the most, and how to compare another", () => {
    fireEvent.click(box(1));
    fireEvent.click(box(2));
    fireEvent.click(box(3));
    expect(box(3).checked).toBe(false);
    expect(status()).toBe("Two runs are the most that can be compared. Untick run 1 or run 2 first.");
    fireEvent.click(box(1));
    fireEvent.click(box(3));
    expect(screen.getByRole("region", { name: "Run 2 beside run 3" })).toBeTruthy();
  });

  it("shows the answers where one of them is of another question, and ends with the run", () => {
    fireEvent.click(box(1));
    fireEvent.click(box(3));
    const comparison = within(screen.getByRole("region", { name: "Run 1 beside run 3" }));
    expect(comparison.getByRole("table", { name: "Answers" }).textContent).toMatch(/Answer 1\..*Answer 3\./);
    press("Remove run 3");
    expect(screen.queryByRole("region", { name: /beside/ })).toBeNull();
  });
});
