// @vitest-environment happy-dom

import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { NamedError } from "../../door/errors.ts";
import { model, problems } from "../session.ts";
import { ask, busy, current, lab } from "./queue.ts";
import { Task } from "./task.ts";
import { keepAsked, PAUSE_MS } from "./unasked.ts";

const wanted = signal("a");
const ready = signal(true);
const task = () =>
  new Task<string>({ name: "it", wants: () => ({ analysis: "it", texts: { text: wanted.value } }) });
const reply = (text: string) =>
  ({ result: text, report: null, left_out: [], model: {}, device: {} }) as never;
const asked = () => job.mock.calls.map(([{ question }]) => ("texts" in question ? question.texts.text : ""));

const spied = () => vi.spyOn(lab, "job");
let job: ReturnType<typeof spied>;
let end = () => {};
beforeEach(() => {
  vi.useFakeTimers();
  wanted.value = "a";
  ready.value = true;
  model.value = "ioi-mini";
  problems.value = [];
  job = spied().mockImplementation(async ({ question }) =>
    reply("texts" in question ? (question.texts.text ?? "") : ""),
  );
});
afterEach(() => {
  end();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pause = () => vi.advanceTimersByTimeAsync(PAUSE_MS);

it("is asked a moment after the last change, once", async () => {
  const it = task();
  end = keepAsked(it, { when: () => ready.value });
  for (const text of ["ab", "abc", "abcd"]) {
    wanted.value = text;
    await vi.advanceTimersByTimeAsync(PAUSE_MS / 2);
  }
  expect(asked()).toEqual([]);
  await pause();
  expect(asked()).toEqual(["abcd"]);
  expect(it.answer.value?.reply.result).toBe("abcd");
  await pause();
  expect(asked()).toHaveLength(1);
});

it("waits until it may be asked", async () => {
  ready.value = false;
  end = keepAsked(task(), { when: () => ready.value });
  await pause();
  expect(asked()).toEqual([]);
  ready.value = true;
  await pause();
  expect(asked()).toEqual(["a"]);
});

it("makes way for what somebody asks for, and is asked after it", async () => {
  const own = task();
  const others: (() => void)[] = [];
  job.mockImplementation(
    ({ question }, { signal }) =>
      new Promise((done, failed) => {
        signal.addEventListener("abort", () => failed(signal.reason));
        others.push(() => done(reply("texts" in question ? (question.texts.text ?? "") : "")));
      }),
  );
  end = keepAsked(own, { when: () => true, quiet: true });
  await pause();
  expect([own.state.value, current.value]).toEqual(["waiting", null]);
  const other = new Task({ name: "other", wants: () => ({ analysis: "it", texts: { text: "run" } }) });
  const run = ask(other);
  await pause();
  expect([own.state.value, busy.value, asked()]).toEqual(["cancelled", true, ["a", "run"]]);
  others[1]?.();
  await run;
  await pause();
  expect(asked()).toEqual(["a", "run", "a"]);
  others[2]?.();
  await pause();
  expect(own.answer.value?.reply.result).toBe("a");
});

it("says what is wrong at the fields, and does not ask the same again", async () => {
  const wrong = [{ field: "text", message: "expected some text, found nothing" }];
  problems.value = [
    { field: "text", message: "an older one" },
    { field: "n", message: "another's" },
  ];
  job.mockRejectedValue(new NamedError("BadInput", "it", { field: "text", problems: wrong }));
  end = keepAsked(task(), { when: () => ready.value });
  await pause();
  expect(problems.value).toEqual([{ field: "n", message: "another's" }, ...wrong]);
  ready.value = false;
  ready.value = true;
  await pause();
  expect(asked()).toEqual(["a"]);
  wanted.value = "b";
  await pause();
  expect(asked()).toEqual(["a", "b"]);
});
