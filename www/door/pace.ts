// Small tools of the worker's loops.

/** Lets waiting messages in, such as a cancel. setTimeout would add 4 ms to each step. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** True at most once in `ms` milliseconds, and the first time. */
export function every(ms: number): () => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (now - last < ms) return false;
    last = now;
    return true;
  };
}

/** How fast bytes come, of late. */
export class Rate {
  static readonly #WINDOW_MS = 5000;
  #stream = "";
  #seen: { time: number; bytes: number }[] = [];

  /** `bytes` have come by now. Another stream starts another count: bytes at hand say nothing of the network. */
  at(stream: string, bytes: number, time = performance.now()): void {
    if (stream !== this.#stream) this.#seen = [];
    this.#stream = stream;
    const last = this.#seen.at(-1);
    // A few points a second are enough.
    if (last !== undefined && this.#seen.length > 1 && time - last.time < 100) last.bytes = bytes;
    else this.#seen.push({ time, bytes });
    while (this.#seen.length > 2 && time - (this.#seen[0]?.time ?? time) > Rate.#WINDOW_MS)
      this.#seen.shift();
  }

  /** null until there is enough to go by. */
  perSecond(): number | null {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (first === undefined || last === undefined || last.time - first.time < 500) return null;
    return ((last.bytes - first.bytes) / (last.time - first.time)) * 1000;
  }
}
