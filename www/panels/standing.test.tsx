// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/preact";
import { afterEach, expect, it, vi } from "vitest";
import { NamedError } from "../door/errors.ts";
import { Field } from "../schema/field.tsx";
import { fieldsOf, problems, schemas, setText, texts } from "../store/session.ts";
import { Task } from "../store/tasks/task.ts";
import { SCHEMAS } from "../store/testing.ts";
import { ReportView } from "./report.tsx";
import { BesideReport } from "./standing.tsx";

schemas.value = SCHEMAS;
afterEach(() => {
  cleanup();
  problems.value = [];
  texts.value = {};
});

const WHY = "greater_than needs years that this tokenizer does not have";
const inTurn = <R,>(work: () => Promise<R>) => work();
const report = (answer: string) => ({ answer, about: "", notes: [], tables: [], figures: [], stem: "" });
const question = () =>
  new Task({
    name: "heads",
    wants: () => ({ analysis: "heads", texts: { seed: texts.value.seed ?? "42" } }),
  });
const answers = (task: Task, answer: string) =>
  task.run({ job: async () => ({ report: report(answer), model: {} }) as never }, inTurn);
const fails = (task: Task) =>
  task.run({ job: () => Promise.reject(new NamedError("BadInput", WHY, { field: "task" })) }, inTurn);

const headline = (name: RegExp) => screen.getByRole("heading", { name });

it("an answer of other settings says so at its headline and beside its report, until it is of these", async () => {
  const task = question();
  await answers(task, "Head 1.0 leads.");
  render(
    <>
      <ReportView task={task} question="heads" before={null} />
      <BesideReport of={task}>
        <table />
      </BesideReport>
    </>,
  );
  headline(/^Head 1.0 leads.$/);
  setText("seed", "7");
  await screen.findByRole("heading", { name: "Head 1.0 leads. of other settings" });
  expect(screen.getAllByText("of other settings")).toHaveLength(2);
  await answers(task, "Head 0.1 leads.");
  await screen.findByRole("heading", { name: "Head 0.1 leads." });
  expect(screen.queryByText("of other settings")).toBeNull();
});

it("says what there is so far, and what there was at a cancel", async () => {
  const task = question();
  let show: ((partial: never) => void) | undefined;
  const job = vi.fn((_, { signal }, shown) => {
    show = shown;
    return new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));
  });
  const run = task.run({ job } as never, inTurn);
  show?.(report("Half of it.") as never);
  render(<ReportView task={task} question="heads" before={null} />);
  headline(/^Half of it. so far$/);
  task.cancel();
  await run;
  await screen.findByRole("heading", { name: "Half of it. cancelled: as far as it came" });
});

it("why there is no answer is said once in the same words, where it can be mended if that is in view", async () => {
  const [one, other] = [question(), question()];
  await answers(one, "Head 1.0 leads.");
  setText("seed", "7");
  await Promise.all([fails(one), fails(other)]);
  const [field] = fieldsOf("heads");
  const { rerender } = render(
    <>
      <ReportView task={one} question="heads" before={null} />
      <ReportView task={other} question="heads" before={<h2>Which?</h2>} />
    </>,
  );
  headline(/^Head 1.0 leads. of other settings$/);
  expect(await screen.findAllByText(WHY)).toHaveLength(1);
  problems.value = [{ field: "task", message: WHY }];
  rerender(
    <>
      <ReportView task={one} question="heads" before={null} />
      {field && <Field field={field} />}
    </>,
  );
  expect((await screen.findByText(WHY)).className).toBe("field-error");
  // Nothing has been found wrong with other settings yet.
  setText("task", "induction");
  setText("seed", "8");
  await vi.waitFor(() => expect(screen.queryByText(WHY)).toBeNull());
});
