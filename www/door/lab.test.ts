// Workers that are replaced, and cancels that find nothing under way: with workers made of what each test answers.

import * as Comlink from "comlink";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { NamedError, problemOf } from "./errors.ts";
import { Lab } from "./lab.ts";
import type { JobRequest } from "./protocol.ts";
import { cancelled, type Work } from "./work.ts";

type Answers = Record<string, (...args: never[]) => unknown>;

/** For each worker that is started, in turn, what it answers; a closed one answers nothing. */
let workers: (Answers | "closed")[] = [];
const terminated = vi.fn();

class FakeWorker {
  constructor() {
    const { port1, port2 } = new MessageChannel();
    const answers = workers.shift() ?? {};
    if (answers !== "closed")
      Comlink.expose({ ping: () => undefined, cancel: () => undefined, ...answers }, port1);
    port2.start();
    // biome-ignore lint/correctness/noConstructorReturn: a port is what Comlink needs of a worker.
    return Object.assign(port2, {
      terminate: () => {
        terminated();
        port1.close();
      },
    }) as unknown as FakeWorker;
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout"] });
  vi.stubGlobal("Worker", FakeWorker);
  terminated.mockClear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Messages travel outside of the fake time. */
const settle = async () => {
  for (let i = 0; i < 10; i++) await new Promise((done) => setImmediate(done));
};
const seconds = async (count: number) => {
  for (let i = 0; i < count; i++) {
    await vi.advanceTimersByTimeAsync(1000);
    await settle();
  }
};

function taskOf() {
  const cancel = new AbortController();
  const task: Work = { signal: cancel.signal, report: () => undefined, silent: () => undefined };
  return { task, cancel: () => cancel.abort(cancelled()) };
}

const REQUEST = { device: "webgpu" } as JobRequest;
const never = () => new Promise<never>(() => undefined);
const ok = (value: unknown) => ({ ok: true, value });

it("asks a new worker where one has closed itself", async () => {
  workers = ["closed", { stored: () => ok("what is stored") }];
  const asked = new Lab().stored();
  await seconds(120);
  expect(terminated).toHaveBeenCalledOnce();
  await settle();
  await expect(asked).resolves.toBe("what is stored");
});

it("goes on with the CPU, in another worker, where the GPU does not answer; and leaves it at that", async () => {
  const hung = new NamedError("DeviceError", "The GPU did not answer within 120 s.", { restart: true });
  const run = vi.fn((request) => ok(request.refused));
  workers = [{ job: () => ({ ok: false, problem: problemOf(hung) }) }, { job: run }];
  const lab = new Lab();
  await expect(lab.job(REQUEST, taskOf().task)).resolves.toBe(hung.message);
  expect(terminated).toHaveBeenCalledOnce();
  await expect(lab.job(REQUEST, taskOf().task)).resolves.toBe(hung.message);
  expect(run).toHaveBeenCalledTimes(2);
});

it("passes a panic on, and has another worker for the next run", async () => {
  const panic = new NamedError("RuntimeError", "unreachable", { restart: true });
  workers = [{ job: () => ({ ok: false, problem: problemOf(panic) }) }, { job: () => ok("done") }];
  const lab = new Lab();
  await expect(lab.job(REQUEST, taskOf().task)).rejects.toThrow("unreachable");
  await expect(lab.job(REQUEST, taskOf().task)).resolves.toBe("done");
});

it("does not begin what was cancelled before it was asked for", async () => {
  const run = vi.fn(() => ok("done"));
  workers = [{ job: run }];
  const { task, cancel } = taskOf();
  cancel();
  await expect(new Lab().job(REQUEST, task)).rejects.toMatchObject({ name: "Cancelled" });
  expect(run).not.toHaveBeenCalled();
});

it("has a cancel count that comes between two calls, or with the answer", async () => {
  const { task, cancel } = taskOf();
  const run = vi.fn(() => {
    cancel();
    return ok("done");
  });
  workers = [{ cost: () => ok(undefined), job: run }];
  const lab = new Lab();
  await lab.cost(REQUEST, task);
  await expect(lab.job(REQUEST, task)).rejects.toMatchObject({ name: "Cancelled" });
  await expect(lab.job(REQUEST, task)).rejects.toMatchObject({ name: "Cancelled" });
  expect(run).toHaveBeenCalledOnce();
});

it("begins what comes after a cancel that is not followed in another worker", async () => {
  workers = [
    { job: never, pure: never },
    { job: () => ok("done"), pure: () => ok("prompts") },
  ];
  const lab = new Lab();
  const first = taskOf();
  const hanging = lab.job(REQUEST, first.task);
  hanging.catch(() => undefined);
  await settle();
  first.cancel();
  const next = lab.job(REQUEST, taskOf().task);
  const preview = lab.preview({} as never, "", 3);
  await vi.advanceTimersByTimeAsync(150);
  await expect(hanging).rejects.toThrow(/Cancelled/);
  await seconds(5);
  await expect(next).resolves.toBe("done");
  await expect(preview).resolves.toBe("prompts");
  expect(terminated).toHaveBeenCalledOnce();
});

it("shows what is there so far to those who want it", async () => {
  const job = vi.fn(async (_request, _report, show: ((partial: string) => unknown) | null) => {
    await show?.("half");
    return ok("done");
  });
  workers = [{ job }];
  const [lab, show] = [new Lab(), vi.fn()];
  await expect(lab.job(REQUEST, taskOf().task, show)).resolves.toBe("done");
  await expect(lab.job(REQUEST, taskOf().task)).resolves.toBe("done");
  expect(show.mock.calls).toEqual([["half"]]);
});

it("says what a job would cost", async () => {
  const cost = { needed: 8, done: 4, seconds: 2 };
  workers = [{ cost: () => ok(cost) }];
  await expect(new Lab().cost(REQUEST, taskOf().task)).resolves.toEqual(cost);
});
