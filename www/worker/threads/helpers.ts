// More threads for the CPU's products, where the page may share memory: that takes headers with which it was sent, see
// docs/decisions/devices.md.

import type { Patchbay } from "../packages.ts";
import { sharingMemory } from "./shared-memory.ts";

/** This counts the one that computes. With eight each has eight strips of GPT-2 small's narrowest product, and what is not shared takes as long. */
export const MOST_THREADS = 8;

export function mayHaveThreads(): boolean {
  return globalThis.crossOriginIsolated && navigator.hardwareConcurrency > 1;
}

/** The program as it is to be instantiated where there may be threads. */
export async function shared(address: string): Promise<Response> {
  const answer = await fetch(address);
  const { ok, body, headers } = answer;
  return ok && body !== null ? new Response(body.pipeThrough(sharingMemory()), { headers }) : answer;
}

/** Begins them; products are shared with those that have come. Without one there is a thread less. */
export function beginHelpers(patchbay: Patchbay): void {
  const count = Math.min(navigator.hardwareConcurrency, MOST_THREADS) - 1;
  try {
    for (let i = 0; i < count; i++) {
      const helper = patchbay.newHelper();
      if (helper === null) return;
      const worker = new Worker(new URL("./helper.ts", import.meta.url), { type: "module" });
      worker.addEventListener("error", (event) => event.preventDefault());
      worker.postMessage(helper);
    }
  } catch (error) {
    console.info("The browser begins no more threads:", error);
  }
}
