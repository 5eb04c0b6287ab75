// What the progress line says.

import type { LoadStep, Retry, RunStep } from "../door/protocol.ts";
import { bytes, roughly } from "./format.ts";

/** How far a run is, in words. `elapsed` is the time since its first step. */
export function runText({ step, done, total }: RunStep, elapsed: number): string {
  if (total === null || total === 0) return step;
  const parts = [step, `${Math.floor((100 * done) / total)}%`];
  if (elapsed > 1000 && done > 0) parts.push(`about ${roughly((elapsed * (total - done)) / done)} left`);
  return parts.join(" · ");
}

/** Where nothing comes: since when, and when that has an end. */
export function silentText(seconds: number, left: number): string {
  return `nothing has come for ${seconds} s; it is given up in ${left} s at the latest, and Cancel ends it now`;
}

/** How far the loading is. `since`: milliseconds since this step was told, for the count-down to the next try. */
export function loadText(step: LoadStep, since: number): string {
  if (step.retry !== null) return retryText(step.retry, since);
  const parts = [stageText(step), ...sizes(step)];
  const work = step.uploads ? "processing and uploading" : "processing";
  if (step.tensor !== "") parts.push(`${work} ${step.tensor.slice(0, 60)}`);
  return parts.join(" · ");
}

/** The same for screen readers, which cannot skim: without what changes all the time. */
export function spokenLoadText(step: LoadStep): string {
  if (step.retry !== null) return `${sentence(step.retry.why)}; trying again.`;
  return [stageText(step), ...sizes(step)].slice(0, 2).join(" · ");
}

function stageText({ stage, what }: LoadStep): string {
  switch (stage) {
    case "wait":
      return "Another tab is loading this model: waiting for it, then reading what it has stored";
    case "fetch":
      return `Fetching ${what}`;
    case "download":
      return `Downloading ${what}`;
    case "read":
      return `Reading ${what}`;
    case "retry":
      return `Trying again to fetch ${what}`;
    case "verify":
      return `Verifying ${what}: comparing its SHA-256`;
    case "process":
      return "Preparing the model";
    case "compile":
      return "Compiling the GPU's kernels and checking them against the CPU";
  }
}

/** Percent, bytes, rate, time left: what is known of them, while a file comes. */
function sizes({ stage, done, total, rate }: LoadStep): string[] {
  if (stage !== "download" && stage !== "read") return [];
  const speed = rate === null ? [] : [`${bytes(Math.round(rate))}/s`];
  if (total === null || total === 0) return done === 0 ? [] : [bytes(done), ...speed];
  const parts = [`${Math.floor((100 * done) / total)}%`, `${bytes(done)} of ${bytes(total)}`, ...speed];
  if (rate !== null && rate > 0 && done < total) {
    parts.push(`about ${roughly(((total - done) / rate) * 1000)} left`);
  }
  return parts;
}

function retryText({ why, attempt, of, ms }: Retry, since: number): string {
  const seconds = Math.ceil((ms - since) / 1000);
  const when = seconds > 0 ? `in ${roughly(seconds * 1000)}` : "now";
  return `${sentence(why)}; trying again ${when} (try ${attempt} of ${of})`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
