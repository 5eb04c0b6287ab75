// The worker owns the wasm: it loads models and drives runs, and between two steps it lets messages in.

import * as Comlink from "comlink";
import type { DeviceInfo, Model, Progress, SweepResult } from "../pkg/cpu/patchbay.js";
import { stepOnGpu } from "./adapter.ts";
import { atHeadOf } from "./default-head.ts";
import { CANCELLED, NamedError, type Outcome, problemOf } from "./errors.ts";
import { freeQuietly, unlessFatal, watchForPanics } from "./fatal.ts";
import { standingOf } from "./files/standing.ts";
import { forgetModel } from "./files/store.ts";
import { originsOf, storageReport } from "./files/stored-models.ts";
import { forgetLoaded, loadModel } from "./models.ts";
import { breathe, every } from "./pace.ts";
import { cpuPackage } from "./packages.ts";
import type {
  DatasetRequest,
  ModelRequest,
  Remote,
  Report,
  RunReply,
  RunRequest,
  Sent,
  ShowSweep,
  Stood,
  SweepRequest,
  TakePrompts,
} from "./protocol.ts";
import { storeKey } from "./read-model.ts";
import { buffersOf, columnsOf } from "./rows.ts";
import type { ModelSource } from "./sources.ts";

watchForPanics(globalThis);

/** The page takes some milliseconds for so many. */
const PROMPTS_AT_ONCE = 250;

let running: AbortController | null = null;

const remote: Remote = {
  ping: () => undefined,
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
    outcome(() => loadAndPull(request, report, (model) => model.attention(request.spec, request.prompt))),
  decompose: (request, report) =>
    outcome(() => loadAndPull(request, report, (model) => model.decompose(request.spec))),
  nearest: (request, report) =>
    outcome(() => loadAndPull(request, report, (model) => model.nearest(request.tokens, request.count))),
  resemblance: (request, report) =>
    outcome(() => loadAndPull(request, report, (model) => model.resemblance(request.spec))),
  dataset: (request, report, take) =>
    outcome(() => exclusively((signal) => loadAndView(request, signal, report, take))),
  cancel: () => running?.abort(new NamedError(CANCELLED, "Cancelled.")),
  stored: () => outcome(storageReport),
  forget: (key) => outcome(() => forget(key)),
  standing: (source) => outcome(() => standing(source)),
};

Comlink.expose(remote);

/** What one tab deletes, no tab goes on using. */
const forgotten = new BroadcastChannel("patchbay forgotten models");
forgotten.addEventListener("message", ({ data }) => forgetLoaded(String(data)));

async function forget(key: string): Promise<void> {
  await forgetModel(key);
  forgetLoaded(key);
  forgotten.postMessage(key);
}

async function standing(source: ModelSource): Promise<Stood> {
  const key = await storeKey(source);
  const unknown = source.kind !== "url" || !navigator.onLine;
  return { key, standing: unknown ? "unknown" : await standingOf(source, await originsOf(key)) };
}

async function outcome<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await unlessFatal(work) };
  } catch (error) {
    return { ok: false, problem: problemOf(error) };
  }
}

async function exclusively<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  // The page waits with the next one, for the end of what was cancelled too.
  if (running !== null) throw new NamedError("Error", "A run is going on already. Cancel it first.");
  running = new AbortController();
  try {
    return await work(running.signal);
  } finally {
    running = null;
  }
}

async function loadAndRun(request: Sent<RunRequest>, signal: AbortSignal, report: Report): Promise<RunReply> {
  const start = performance.now();
  const { model, info, device, note, origin } = await loadModel(request, signal, report);
  const loaded = performance.now();
  const spec = request.head === null ? atHeadOf(request.spec, info) : request.spec;
  return pulled(model.start(spec, request.accuracy), async (run) => {
    await drive(run, device, signal, report);
    const timings_ms = { load: loaded - start, run: performance.now() - loaded };
    const rows = columnsOf(run.rows());
    return { result: run.result(), rows, model: info, device, note, origin, timings_ms };
  });
}

async function loadAndSweep(
  request: Sent<SweepRequest>,
  signal: AbortSignal,
  report: Report,
  show: ShowSweep,
): Promise<SweepResult> {
  const { model, device } = await loadModel(request, signal, report);
  return pulled(model.sweep(request.spec), async (sweep) => {
    const showNow = every(250);
    await drive(sweep, device, signal, report, () => {
      if (showNow()) show(sweep.result());
    });
    return sweep.result();
  });
}

/** What has one result, at its end. */
function loadAndPull<T>(
  request: Sent<ModelRequest>,
  report: Report,
  plan: (model: Model) => Pulled & { result(): T },
): Promise<T> {
  return exclusively(async (signal) => {
    const { model, device } = await loadModel(request, signal, report);
    return pulled(plan(model), async (run) => {
      await drive(run, device, signal, report);
      return run.result();
    });
  });
}

async function loadAndView(
  request: Sent<DatasetRequest>,
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
  } finally {
    freeQuietly(run);
  }
}

async function drive(
  run: Pulled,
  { device }: DeviceInfo,
  signal: AbortSignal,
  report: Report,
  stepped = () => {},
): Promise<void> {
  const reportNow = every(100);
  const breatheNow = every(10);
  for (let finished = false; !finished; ) {
    signal.throwIfAborted();
    const next = run.next();
    const progress = await (device === "gpu" ? stepOnGpu(next) : next);
    finished = progress.finished;
    if (reportNow() || finished) {
      report({ phase: "run", step: progress.step, done: progress.done, total: progress.total });
    }
    stepped();
    // Not at each of thousands of short steps: that took WebKit half of a run.
    if (breatheNow()) await breathe();
  }
  // A cancel during the last step still counts.
  signal.throwIfAborted();
}
