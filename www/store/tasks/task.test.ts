import { beforeEach, describe, expect, it, vi } from "vitest";
import { NamedError } from "../../door/errors.ts";
import type { JobReply, Question, Step } from "../../door/protocol.ts";
import type { Work } from "../../door/work.ts";
import { model, schemas, setText, texts, textsOf } from "../session.ts";
import { Task } from "./task.ts";

/** A lab whose answers are given by hand. */
function bench() {
  const asked: {
    question: Question;
    source: unknown;
    work: Work;
    show: (partial: never) => void;
    done: (reply: unknown) => void;
    fail: (error: Error) => void;
  }[] = [];
  const job = vi.fn(
    ({ question, source }, work, show) =>
      new Promise((done, fail) => {
        asked.push({ question, source, work, show, done, fail });
        work.signal.addEventListener("abort", () => fail(work.signal.reason));
      }),
  );
  return { lab: { job } as never, asked };
}

const reply = (result: unknown) =>
  ({
    result,
    report: { answer: String(result) },
    model: { n_layer: 2 },
    origin: { sha256: "5c" },
    left_out: [],
  }) as unknown as JobReply<unknown>;
const atOnce = <R>(work: () => Promise<R>) => work();
const question = () =>
  new Task({ name: "experiment", wants: () => ({ analysis: "experiment", texts: textsOf("experiment") }) });
const settle = () => new Promise((done) => setTimeout(done));

beforeEach(() => {
  const field = (name: string, text: string) => ({
    name,
    label: name,
    help: "",
    kind: { is: "text" },
    default: text,
    group: "run",
    optional: false,
  });
  schemas.value = [{ analysis: "experiment", fields: [field("n", "150"), field("seed", "42")] }] as never;
  texts.value = {};
  model.value = "url:https://models.test/m/";
});

describe("a task", () => {
  it("asks with the texts of its fields, shows steps, and then the answer", async () => {
    const { lab, asked } = bench();
    const task = question();
    const run = task.run(lab, atOnce);
    await settle();
    expect(asked[0]?.question).toEqual({ analysis: "experiment", texts: { n: "150", seed: "42" } });
    const step: Step = { phase: "run", step: "layer 1", done: 1, total: 2 };
    asked[0]?.work.report(step);
    expect([task.state.value, task.step.value]).toEqual(["running", step]);
    asked[0]?.show({ answer: "so far" } as never);
    expect(task.report.value?.answer).toBe("so far");
    asked[0]?.done(reply(1));
    expect(await run).toBe(true);
    expect([task.state.value, task.step.value, task.report.value?.answer]).toEqual(["done", null, "1"]);
  });

  it("keeps the last answer, which is stale once something else is wanted", async () => {
    const { lab, asked } = bench();
    const task = question();
    const run = task.run(lab, atOnce);
    await settle();
    asked[0]?.done(reply(1));
    await run;
    expect(task.stale.value).toBe(false);
    setText("seed", "43");
    expect([task.stale.value, task.report.value?.answer]).toEqual([true, "1"]);
    setText("seed", "42");
    expect(task.stale.value).toBe(false);
    model.value = "url:https://models.test/other/";
    expect(task.stale.value).toBe(true);
  });

  it("is of the model that was chosen when it was asked, not of the one chosen while it waited", async () => {
    const { lab, asked } = bench();
    const task = question();
    let begin = () => {};
    const turn = <R>(work: () => Promise<R>) => new Promise<void>((go) => (begin = go)).then(work);
    const run = task.run(lab, turn, { unasked: true });
    model.value = "url:https://models.test/other/";
    begin();
    await settle();
    expect(asked[0]?.source).toMatchObject({ base: "https://models.test/m/" });
    asked[0]?.done(reply(1));
    await run;
    expect(task.stale.value).toBe(true);
  });

  it("is of what was wanted when it was asked, not when the answer came", async () => {
    const { lab, asked } = bench();
    const task = question();
    const run = task.run(lab, atOnce);
    await settle();
    setText("seed", "43");
    asked[0]?.done(reply(1));
    await run;
    expect(task.stale.value).toBe(true);
  });

  it("is cancelled, and keeps what it had", async () => {
    const { lab, asked } = bench();
    const task = question();
    const first = task.run(lab, atOnce);
    await settle();
    asked[0]?.done(reply(1));
    await first;
    const second = task.run(lab, atOnce);
    await settle();
    task.cancel();
    expect(await second).toBe(false);
    expect([task.state.value, task.problem.value?.name, task.report.value?.answer]).toEqual([
      "cancelled",
      "Cancelled",
      "1",
    ]);
    expect(task.busy).toBe(false);
  });

  it("that has nothing from before keeps what there was when it was cancelled, until it is asked again", async () => {
    const { lab, asked } = bench();
    const task = question();
    const first = task.run(lab, atOnce);
    await settle();
    asked[0]?.show({ answer: "so far" } as never);
    task.cancel();
    await first;
    expect([task.under.value, task.report.value?.answer]).toEqual([false, "so far"]);
    void task.run(lab, atOnce);
    expect([task.under.value, task.report.value]).toEqual([true, null]);
    task.cancel();
  });

  it("says what went wrong, with its field", async () => {
    const { lab, asked } = bench();
    const task = question();
    const run = task.run(lab, atOnce);
    await settle();
    asked[0]?.fail(new NamedError("BadInput", "expected less", { field: "n" }));
    expect(await run).toBe(false);
    expect([task.state.value, task.problem.value?.field]).toEqual(["error", "n"]);
  });

  it("asked again, drops the answer to the first time", async () => {
    const { lab, asked } = bench();
    const task = question();
    const first = task.run(lab, atOnce);
    await settle();
    const second = task.run(lab, atOnce);
    await settle();
    asked[0]?.work.report({ phase: "run", step: "late", done: 1, total: 2 });
    expect(task.step.value).toBeNull();
    asked[1]?.done(reply(2));
    expect([await first, await second, task.report.value?.answer]).toEqual([false, true, "2"]);
  });
});
