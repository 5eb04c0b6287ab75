// More threads for the CPU's products, where the page may share memory: that takes headers with which it was sent, see
// docs/decisions/devices.md.

import type { Patchbay } from "../packages.ts";
import { withSharedMemory } from "./shared-memory.ts";

/** With the one that computes. GPT-2 small's narrowest product has 64 strips, so that of more threads some would have none to do at its end. */
const MOST_THREADS = 8;

export function mayHaveThreads(): boolean {
  return globalThis.crossOriginIsolated && navigator.hardwareConcurrency > 1;
}

/** The program as it is to be instantiated where there may be threads. */
export async function shared(address: string): Promise<Response> {
  const answer = await fetch(address);
  if (!answer.ok) return answer;
  const { headers } = answer;
  return new Response(withSharedMemory(new Uint8Array(await answer.arrayBuffer())), { headers });
}

/** Begins them; products are shared with those that have come. */
export function beginHelpers(patchbay: Patchbay): void {
  const count = Math.min(navigator.hardwareConcurrency, MOST_THREADS) - 1;
  for (let i = 0; i < count; i++) {
    const helper = patchbay.newHelper();
    if (helper === null) return;
    const worker = new Worker(new URL("./helper.ts", import.meta.url), { type: "module" });
    // Without it there is one thread less.
    worker.addEventListener("error", (event) => event.preventDefault());
    worker.postMessage(helper);
  }
}
