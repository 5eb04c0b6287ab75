// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Report } from "../../../pkg/cpu/patchbay.js";
import mini from "../../public/models/ioi-mini/card.json";
import { promised } from "../../store/link/link.ts";
import { message, panels } from "../../store/run.ts";
import * as session from "../../store/session.ts";
import { ask, lab } from "../../store/tasks/queue.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { stubObservers } from "../../ui/testing.ts";
import { COMPARISON, runOf } from "../reproduce/testing.ts";
import { PLACE } from "./index.tsx";
import { experiment, sweep } from "./tasks.ts";

const [LAYER, HEAD] = mini.default_head.map(String);

const { View } = PLACE;
const Controls = PLACE.Controls ?? (() => null);

const REPORT: Report = {
  about: "head 10.7 · IOI",
  stem: "L10H7",
  answer: "Head 10.7 attends to IO. It finds IO by name.",
  notes: [],
  tables: [
    {
      name: "means",
      title: "Means by condition",
      header: ["condition", "mean"],
      rows: [["clean", "3.2874"]],
      caption: "",
    },
    {
      name: "evidence",
      title: "What each edit changed",
      header: ["edit", "touched"],
      rows: [["patched", "2 of 2"]],
      caption: "",
    },
  ],
  figures: [],
};

/** An answer to what the page is set to. */
function answered({ layers = 12, report = REPORT } = {}) {
  const run = runOf({ texts: session.textsOf("experiment"), model: session.model.value });
  run.key = experiment.wanted.value ?? "";
  run.reply.report = report;
  run.reply.model.n_layer = layers;
  experiment.show(run);
  return run;
}

beforeEach(() => {
  session.schemas.value = SCHEMAS;
  session.texts.value = session.defaults.value;
  session.model.value = "openai-community/gpt2";
  session.problems.value = [];
  panels.value = [PLACE];
  promised.value = null;
  message.value = null;
  for (const task of [experiment, sweep]) {
    task.answer.value = null;
    task.problem.value = null;
    task.state.value = "idle";
  }
  vi.spyOn(lab, "job").mockReset().mockRejectedValue(new Error("no worker here"));
  vi.spyOn(lab, "cost").mockReset().mockResolvedValue({ needed: 1, done: 1, seconds: 83 });
  stubObservers();
});
afterEach(cleanup);

describe("the answer", () => {
  it("comes first in words, then its table; what is looked up is folded", () => {
    answered();
    render(<View />);
    expect(screen.getAllByRole("heading", { level: 2 })[0]?.textContent).toBe("Head 10.7 attends to IO.");
    expect(screen.getByRole("table", { name: "Means by condition" })).toBeTruthy();
    const folded = screen.getByText(/^Evidence, model, device and times$/).closest("details") as HTMLElement;
    expect(within(folded).getByRole("table", { name: "What each edit changed", hidden: true })).toBeTruthy();
    expect(screen.getAllByRole("table", { hidden: true })).toHaveLength(2);
    expect(folded.textContent).toContain("parameters124,439,808");
    expect(screen.queryByText(/This is ioi-mini/)).toBeNull();
  });

  it("of the toy model says that it is one, and how the real one is chosen", async () => {
    session.model.value = "ioi-mini";
    answered({ layers: 2 });
    render(<View />);
    fireEvent.click(screen.getByRole("button", { name: "choose GPT-2 small" }));
    expect(session.model.value).toBe("openai-community/gpt2");
    await screen.findByText(/GPT-2 small is chosen now: press Run/);
  });

  it("is held against the link's, where it is of the link's settings", async () => {
    const run = answered();
    const headline = { means: "clean:3.28741" };
    const texts = session.textsOf("experiment");
    const compare = vi.spyOn(lab, "compareHeadline").mockReset().mockResolvedValue(COMPARISON);
    promised.value = { texts, model: run.asked.model, headline };
    render(<View />);
    await screen.findByText(/It agrees\./);
    expect(compare).toHaveBeenCalledExactlyOnceWith(
      headline,
      expect.objectContaining({ id: run.asked.model }),
    );
    promised.value = { texts: { ...texts, seed: "43" }, model: run.asked.model, headline };
    await waitFor(() => expect(screen.queryByText(/It agrees\./)).toBeNull());
    expect(compare).toHaveBeenCalledOnce();
  });
});

describe("all heads", () => {
  it("are asked by a button that says what it costs, of a model where that takes time", async () => {
    answered();
    PLACE.unasked?.();
    expect(lab.job).not.toHaveBeenCalled();
    render(<View />);
    await screen.findByText("This takes about 1 min 23 s here.");
    fireEvent.click(screen.getByRole("button", { name: "Ask all 144 heads" }));
    await waitFor(() => expect(lab.job).toHaveBeenCalledTimes(1));
    expect(vi.mocked(lab.job).mock.calls[0]?.[0].question).toMatchObject({ analysis: "sweep" });
    await screen.findByText("no worker here");
  });

  it("are told as computed where what they need has been", async () => {
    vi.mocked(lab.cost).mockResolvedValue({ needed: 1, done: 0, seconds: 0 });
    answered();
    render(<View />);
    await screen.findByText("This has been computed already.");
  });

  it("have no price while the model may not be there", async () => {
    answered();
    session.setText("seed", "7");
    render(<View />);
    await new Promise((done) => setTimeout(done, 20));
    expect(lab.cost).not.toHaveBeenCalled();
  });

  it("are asked unasked of a small model, once", async () => {
    answered({ layers: 2 });
    PLACE.unasked?.();
    PLACE.unasked?.();
    await waitFor(() => expect(lab.job).toHaveBeenCalledTimes(1));
    render(<View />);
    expect(screen.queryByRole("button", { name: /Ask all/ })).toBeNull();
    await ask(sweep, { own: true });
  });
});

describe("the settings", () => {
  it("have no fields for what own prompts take the place of, and say so", async () => {
    render(<Controls />);
    expect(screen.getByLabelText("n")).toBeTruthy();
    session.setText("prompts", "A and B. B to A | A | B\n\nC and D. D to C | C | D");
    await screen.findByText(/Your own prompts are in use/);
    for (const gone of ["n", "symmetric", "prompt_type"]) expect(screen.queryByLabelText(gone)).toBeNull();
    expect(screen.getByLabelText("seed")).toBeTruthy();
  });

  it("show the model's own head in the empty fields", () => {
    session.model.value = "ioi-mini";
    render(<Controls />);
    expect(screen.getByLabelText<HTMLInputElement>("layer").placeholder).toBe(LAYER);
    expect(screen.getByLabelText<HTMLInputElement>("head").placeholder).toBe(HEAD);
  });
});
