// What the time of reading a model goes into.

import type { LoadTimes } from "../door/protocol.ts";

export function noTime(): LoadTimes {
  return { network: 0, storage: 0, hash: 0, process: 0 };
}

/** Adds the time that `work` takes. */
export function timed<T>(times: LoadTimes, what: keyof LoadTimes, work: () => T): T {
  const start = performance.now();
  try {
    return work();
  } finally {
    times[what] += performance.now() - start;
  }
}

/** The same where the work is waited for. */
export async function timedAsync<T>(
  times: LoadTimes,
  what: keyof LoadTimes,
  work: () => Promise<T>,
): Promise<T> {
  const start = performance.now();
  try {
    return await work();
  } finally {
    times[what] += performance.now() - start;
  }
}

/** The same for every chunk that is waited for. */
export async function* timedChunks(
  chunks: AsyncIterable<Uint8Array>,
  times: LoadTimes,
  what: keyof LoadTimes,
): AsyncGenerator<Uint8Array, void> {
  let start = performance.now();
  for await (const chunk of chunks) {
    times[what] += performance.now() - start;
    yield chunk;
    start = performance.now();
  }
}
