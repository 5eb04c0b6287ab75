// Long work on the page's own thread, a little at a time: input and progress come through in between.

import { breathe } from "./pace.ts";

const SLICE_MS = 8;

/** Step after step, each in a task of its own. False where, by `useless`, they have come to be of no use. */
export async function inTurn(steps: readonly (() => unknown)[], useless = () => false): Promise<boolean> {
  for (const step of steps) {
    await breathe();
    if (useless()) return false;
    step();
  }
  return true;
}

/** The work's result. With `useless`: null where it has come to be of no use. */
export function inSlices<T>(work: Iterator<void, T>): Promise<T>;
export function inSlices<T>(work: Iterator<void, T>, useless: () => boolean): Promise<T | null>;
export async function inSlices<T>(work: Iterator<void, T>, useless = () => false): Promise<T | null> {
  for (;;) {
    await breathe();
    if (useless()) return null;
    const end = performance.now() + SLICE_MS;
    do {
      const { done, value } = work.next();
      if (done) return value;
    } while (performance.now() < end);
  }
}
