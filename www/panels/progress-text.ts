// What the progress line says.

import { bytes, roughly } from "../format.ts";
import type { Step } from "../protocol.ts";

/** How far a phase is, in words. `elapsed` is the time since its first byte or step. */
export function progressText({ phase, step, done, total }: Step, elapsed: number): string {
  const what = phase === "load" ? `Loading: ${step}` : step;
  if (total === null || total === 0) return what;
  const percent = `${Math.floor((100 * done) / total)}%`;
  const parts = [what, percent];
  if (phase === "load") parts.push(`${bytes(done)} of ${bytes(total)}`);
  if (elapsed > 1000 && done > 0) {
    if (phase === "load") parts.push(`${bytes((done / elapsed) * 1000)}/s`);
    parts.push(`about ${roughly((elapsed * (total - done)) / done)} left`);
  }
  return parts.join(" · ");
}
