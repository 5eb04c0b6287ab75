// The watch over a worker, with a worker that is what each test needs.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LIMITS, Line } from "./line.ts";
import type { Report, Step } from "./protocol.ts";
import type { Work } from "./work.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = () => new Promise<never>(() => undefined);
const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);
const STEP: Step = { phase: "run", step: "running", done: 1, total: 2 };

function lineTo({ ping = async (): Promise<unknown> => undefined } = {}) {
  const close = vi.fn();
  const cancel = vi.fn(async () => undefined);
  let failed: (error: Error) => void = () => undefined;
  const line = new Line((told) => {
    failed = told;
    return { remote: { ping, cancel }, close };
  });
  return { line, close, cancel, fail: (error: Error) => failed(error) };
}

function work(line: ReturnType<typeof lineTo>["line"], call: (report: Report) => Promise<unknown> = never) {
  const cancel = new AbortController();
  const silent = vi.fn();
  const task: Work = { signal: cancel.signal, report: vi.fn(), silent };
  let report: Report = () => undefined;
  const ended = line.work(task, (_, known) => {
    report = known;
    return call(known);
  });
  ended.catch(() => undefined);
  return { ended, cancel, silent, report: (step: Step) => report(step), task };
}

it("leaves a worker alone that computes for as long as it reports", async () => {
  const { line, close } = lineTo();
  const { report, silent } = work(line);
  for (let minute = 0; minute < 30; minute++) {
    await seconds(LIMITS.told - 1);
    report(STEP);
  }
  expect(close).not.toHaveBeenCalled();
  expect(silent).not.toHaveBeenCalled();
});

it("ends a worker that spins, and says beforehand when", async () => {
  const { line, close } = lineTo({ ping: never });
  const { ended, silent } = work(line);
  await seconds(LIMITS.told);
  expect(silent).toHaveBeenLastCalledWith(15, 105);
  await seconds(LIMITS.blocked - LIMITS.told - 1);
  expect(close).not.toHaveBeenCalled();
  await seconds(1);
  await expect(ended).rejects.toThrow(/has not answered for 120 s.*Run again/);
  expect(close).toHaveBeenCalledOnce();
});

it("lets a step block the worker for long, and counts anew after it", async () => {
  let blocked = true;
  const { line, close } = lineTo({ ping: () => (blocked ? never() : Promise.resolve()) });
  const waiting = work(line);
  await seconds(LIMITS.blocked - 1);
  blocked = false;
  waiting.report(STEP);
  expect(close).not.toHaveBeenCalled();
});

it("ends work that gets no further in a worker that is alive", async () => {
  const { line, close } = lineTo();
  const { ended, silent } = work(line);
  await seconds(LIMITS.stalled - 1);
  expect(silent).toHaveBeenLastCalledWith(299, 1);
  expect(close).not.toHaveBeenCalled();
  await seconds(1);
  await expect(ended).rejects.toMatchObject({ name: "WorkerError", restart: true });
});

it("does not take an announced pause for silence", async () => {
  const { line, close } = lineTo();
  const { report } = work(line);
  const retry = { why: "busy", attempt: 1, of: 6, ms: 400_000 };
  const nothing = { what: "x", done: 0, total: null, rate: null, tensor: "", uploads: false };
  report({ phase: "load", stage: "retry", ...nothing, retry });
  await seconds(400 + LIMITS.stalled - 1);
  expect(close).not.toHaveBeenCalled();
  await seconds(1);
  expect(close).toHaveBeenCalledOnce();
});

it("hands a cancel on, and ends the worker where it is not followed", async () => {
  const { line, cancel, close } = lineTo();
  const { ended, cancel: user } = work(line);
  await seconds(2);
  user.abort();
  expect(cancel).toHaveBeenCalledOnce();
  await seconds(LIMITS.cancelled - 1);
  expect(close).not.toHaveBeenCalled();
  await seconds(1);
  await expect(ended).rejects.toThrow(/did not stop/);
  expect(line.ended).toBe(true);
});

it("fails a question alone that a living worker does not answer", async () => {
  const { line, close } = lineTo();
  const asked = line.ask(never);
  asked.catch(() => undefined);
  await seconds(LIMITS.asked);
  await expect(asked).rejects.toThrow(/No answer came within 60 s/);
  expect(close).not.toHaveBeenCalled();
});

it("lets a question wait for a step that blocks the worker", async () => {
  const { line } = lineTo({ ping: never });
  work(line);
  const answered = vi.fn();
  line.ask(never).then(answered, answered);
  await seconds(LIMITS.blocked - 1);
  expect(answered).not.toHaveBeenCalled();
  await seconds(1);
  expect(answered).toHaveBeenCalledOnce();
});

it("waits longer for a worker whose script has not come than for one that was there", async () => {
  const coming = lineTo({ ping: never });
  coming.line.ask(never).catch(() => undefined);
  await seconds(LIMITS.blocked - 1);
  expect(coming.close).not.toHaveBeenCalled();
  await seconds(1);
  expect(coming.close).toHaveBeenCalledOnce();

  let closed = false;
  const gone = lineTo({ ping: () => (closed ? never() : Promise.resolve()) });
  await gone.line.ask(async () => 1);
  closed = true;
  gone.line.ask(never).catch(() => undefined);
  await seconds(LIMITS.idle);
  expect(gone.close).toHaveBeenCalledOnce();
});

it("ends everything when the worker says that it failed, and watches nothing while there is nothing", async () => {
  const { line, close, fail } = lineTo();
  await line.ask(async () => 1);
  expect(vi.getTimerCount()).toBe(0);
  const { ended } = work(line);
  fail(new Error("its script could not be loaded"));
  await expect(ended).rejects.toThrow("its script could not be loaded");
  expect(close).toHaveBeenCalledOnce();
  await expect(line.ask(async () => 1)).rejects.toThrow("its script could not be loaded");
  expect(vi.getTimerCount()).toBe(0);
});
