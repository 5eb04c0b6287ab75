// Long work on the page's own thread, a little at a time: input and progress come through in between.

import { breathe } from "../pace.ts";

const SLICE_MS = 8;

/** The work's result; null where it has come to be of no use. */
export async function inSlices<T>(work: Iterator<void, T>, useless: () => boolean): Promise<T | null> {
  for (;;) {
    await breathe();
    if (useless()) return null;
    const end = performance.now() + SLICE_MS;
    while (performance.now() < end) {
      const { done, value } = work.next();
      if (done) return value;
    }
  }
}
