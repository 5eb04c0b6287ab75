// The worker owns the wasm: it loads models and drives runs, and between two steps it lets messages in.

import * as Comlink from "comlink";
import type { DeviceInfo, Job, Model, Read } from "../../pkg/cpu/patchbay.js";
import { CANCELLED, NamedError, type Outcome, problemOf } from "../door/errors.ts";
import { breathe, every } from "../door/pace.ts";
import type {
  Cost,
  JobReply,
  JobRequest,
  Question,
  Remote,
  Report,
  Sent,
  Show,
  Stood,
} from "../door/protocol.ts";
import type { ModelSource } from "../door/sources.ts";
import { standingOf } from "../files/storage/standing.ts";
import { forgetModel } from "../files/storage/store.ts";
import { originsOf, storageReport } from "../files/storage/stored-models.ts";
import { stepOnGpu } from "./adapter.ts";
import { freeQuietly, unlessFatal, watchForPanics } from "./fatal.ts";
import { forgetLoaded, loadModel } from "./models.ts";
import { cpuPackage } from "./packages.ts";
import { storeKey } from "./read-model.ts";

watchForPanics(globalThis);

let running: AbortController | null = null;

const remote: Remote = {
  ping: () => undefined,
  pure: (name, ...args) =>
    outcome(async () => ((await cpuPackage())[name] as (...args: unknown[]) => unknown)(...args)),
  job: (request, report, show) =>
    outcome(() => exclusively((signal) => loadAndPull(request, signal, report, show))),
  cost: (request, report) => outcome(() => exclusively((signal) => loadAndPlan(request, signal, report))),
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

async function loadAndPull(
  request: Sent<JobRequest>,
  signal: AbortSignal,
  report: Report,
  show: Show | null,
): Promise<JobReply<unknown>> {
  const start = performance.now();
  const { model, info, device, note, origin } = await loadModel(request, signal, report);
  const loaded = performance.now();
  const { analysis, job, left_out } = plan(model, request.question);
  try {
    const work = job.cost();
    await pull(job, device, signal, report, show);
    const timings_ms = { load: loaded - start, run: performance.now() - loaded };
    const [result, said] = [job.result(), job.report()];
    const parts = job.file({ model: request.source.id, model_sha256: origin.sha256 });
    const file = parts && new Blob(parts);
    const answer = { analysis, result, report: said, left_out, work, file };
    return { ...answer, model: info, device, note, origin, timings_ms };
  } finally {
    freeQuietly(job);
  }
}

async function loadAndPlan(request: Sent<JobRequest>, signal: AbortSignal, report: Report): Promise<Cost> {
  const { model } = await loadModel(request, signal, report);
  const { job } = plan(model, request.question);
  try {
    const work = job.cost();
    const bytes = job.fileBytes();
    return { ...work, seconds: work.done / (await model.speed()), bytes };
  } finally {
    freeQuietly(job);
  }
}

/** Throws where the texts say nothing that this model can be asked. */
function plan(model: Model, question: Question): { analysis: string; job: Job; left_out: Read["left_out"] } {
  const planned = (spec: { analysis: string }) => ({ analysis: spec.analysis, job: model.job(spec) });
  if ("spec" in question) return { ...planned(question.spec), left_out: [] };
  const { spec, problems, left_out } = model.read(question.analysis, question.texts);
  const [first] = problems;
  if (spec === null)
    throw new NamedError("BadInput", first?.message ?? "", { field: first?.field ?? null, problems });
  return { ...planned(spec), left_out };
}

async function pull(
  job: Job,
  { device }: DeviceInfo,
  signal: AbortSignal,
  report: Report,
  show: Show | null,
): Promise<void> {
  const reportNow = every(100);
  const showNow = every(250);
  const breatheNow = every(10);
  for (let finished = false; !finished; ) {
    signal.throwIfAborted();
    const next = job.next();
    const progress = await (device === "gpu" ? stepOnGpu(next) : next);
    finished = progress.finished;
    if (reportNow() || finished) {
      report({ phase: "run", step: progress.step, done: progress.done, total: progress.total });
    }
    if (show !== null && showNow()) {
      const partial = job.report();
      if (partial !== null) show(partial);
    }
    // Not at each of thousands of short steps: that took WebKit half of a run.
    if (breatheNow()) await breathe();
  }
  // A cancel during the last step still counts.
  signal.throwIfAborted();
}
