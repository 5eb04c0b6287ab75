// The worker owns the wasm: it loads models and drives runs, and between two steps it lets messages in.

import * as Comlink from "comlink";
import type { AttentionResult, Progress, SweepResult } from "../pkg/cpu/patchbay.js";
import { CANCELLED, isNamed, NamedError, type Outcome, problemOf } from "./errors.ts";
import { freeQuietly, unlessFatal, watchForPanics } from "./fatal.ts";
import { forgetModel, storageReport } from "./files/store.ts";
import { dropModel, loadModel } from "./models.ts";
import { breathe, every } from "./pace.ts";
import { cpuPackage } from "./packages.ts";
import type {
  AttentionRequest,
  DatasetRequest,
  Remote,
  Report,
  RunReply,
  RunRequest,
  ShowSweep,
  SweepRequest,
  TakePrompts,
} from "./protocol.ts";
import { buffersOf, columnsOf } from "./rows.ts";

watchForPanics(globalThis);

/** The page takes some milliseconds for so many. */
const PROMPTS_AT_ONCE = 250;

let running: { cancel: AbortController; ended: Promise<unknown> } | null = null;

const remote: Remote = {
  defaults: () => outcome(async () => (await cpuPackage()).defaultSpec()),
  experiments: () => outcome(async () => (await cpuPackage()).experiments()),
  checkFlip: (text) => outcome(async () => (await cpuPackage()).checkFlip(text)),
  preview: (spec, flip, count) => outcome(async () => (await cpuPackage()).preview(spec, flip, count)),
  run: async (request, report) => {
    const reply = await outcome(() => exclusively((signal) => loadAndRun(request, signal, report)));
    return reply.ok ? Comlink.transfer(reply, buffersOf(reply.value.rows)) : reply;
  },
  sweep: (request, report, show) =>
    outcome(() => exclusively((signal) => loadAndSweep(request, signal, report, show))),
  attention: (request, report) =>
    outcome(() => exclusively((signal) => loadAndLook(request, signal, report))),
  dataset: (request, report, take) =>
    outcome(() => exclusively((signal) => loadAndView(request, signal, report, take))),
  cancel: () => running?.cancel.abort(new NamedError(CANCELLED, "Cancelled.")),
  stored: () => outcome(storageReport),
  forget: (key) => outcome(() => forgetModel(key)),
};

Comlink.expose(remote);

async function outcome<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await unlessFatal(work) };
  } catch (error) {
    return { ok: false, problem: problemOf(error) };
  }
}

async function exclusively<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  while (running !== null) {
    if (!running.cancel.signal.aborted)
      throw new NamedError("Error", "A run is going on already. Cancel it first.");
    // The page does not wait for what cannot stop at once, such as a kernel being compiled; the next run does.
    await running.ended;
  }
  const cancel = new AbortController();
  const ended = work(cancel.signal);
  running = { cancel, ended: ended.catch(() => undefined) };
  try {
    return await ended;
  } finally {
    running = null;
  }
}

async function loadAndRun(request: RunRequest, signal: AbortSignal, report: Report): Promise<RunReply> {
  const start = performance.now();
  const { model, info, device, note, origin } = await loadModel(request, signal, report);
  const loaded = performance.now();
  return pulled(model.start(request.spec, request.accuracy), async (run) => {
    await drive(run, signal, report);
    const timings_ms = { load: loaded - start, run: performance.now() - loaded };
    const rows = columnsOf(run.rows());
    return { result: run.result(), rows, model: info, device, note, origin, timings_ms };
  });
}

async function loadAndSweep(
  request: SweepRequest,
  signal: AbortSignal,
  report: Report,
  show: ShowSweep,
): Promise<SweepResult> {
  const { model } = await loadModel(request, signal, report);
  return pulled(model.sweep(request.spec), async (sweep) => {
    const showNow = every(250);
    await drive(sweep, signal, report, () => {
      if (showNow()) show(sweep.result());
    });
    return sweep.result();
  });
}

async function loadAndLook(
  request: AttentionRequest,
  signal: AbortSignal,
  report: Report,
): Promise<AttentionResult> {
  const { model } = await loadModel(request, signal, report);
  return pulled(model.attention(request.spec, request.prompt), async (run) => {
    await drive(run, signal, report);
    return run.result();
  });
}

async function loadAndView(
  request: DatasetRequest,
  signal: AbortSignal,
  report: Report,
  take: TakePrompts,
): Promise<void> {
  const { model } = await loadModel(request, signal, report);
  const { prompts } = model.dataset(request.spec, request.flip);
  for (let from = 0; from < prompts.length; from += PROMPTS_AT_ONCE) {
    signal.throwIfAborted();
    // The page has taken them when this is over, so they are in order and none is missing at the end.
    await take(prompts.slice(from, from + PROMPTS_AT_ONCE));
  }
}

/** What is pulled step by step. */
interface Pulled {
  next(): Promise<Progress>;
  free(): void;
}

/** `work` with a run, which is over afterwards. */
async function pulled<R extends Pulled, T>(run: R, work: (run: R) => Promise<T>): Promise<T> {
  try {
    return await work(run);
  } catch (error) {
    // A lost or failing GPU takes the model on it along.
    if (isNamed(error, "DeviceError")) dropModel();
    throw error;
  } finally {
    freeQuietly(run);
  }
}

async function drive(run: Pulled, signal: AbortSignal, report: Report, stepped = () => {}): Promise<void> {
  const reportNow = every(100);
  for (let finished = false; !finished; ) {
    signal.throwIfAborted();
    const progress = await run.next();
    finished = progress.finished;
    if (reportNow() || finished) {
      report({ phase: "run", step: progress.step, done: progress.done, total: progress.total });
    }
    stepped();
    await breathe();
  }
  // A cancel during the last step still counts.
  signal.throwIfAborted();
}
