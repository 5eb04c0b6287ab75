// A first visit on a host that does not isolate the page: the service worker does, but only what is loaded after it has come. So the
// page is loaded once more where threads are worth that: the CPU has to compute, has four cores, and nobody uses the page yet, neither
// a person nor a program.

import { probeAdapter } from "../worker/adapter.ts";

const WORTH_CORES = 4;
/** Once: where it does not help, as in Safari, it is not tried again. */
const TRIED = "patchbay tried to be isolated";

/** Never throws. */
export async function isolateOnce(): Promise<void> {
  try {
    if (crossOriginIsolated || navigator.hardwareConcurrency < WORTH_CORES || navigator.webdriver) return;
    if (localStorage.getItem(TRIED) !== null) return;
    // The one use that a browser does not count.
    let isUsed = false;
    addEventListener("drop", () => (isUsed = true), { once: true });
    const gpu = await probeAdapter(navigator.gpu);
    if (gpu.found === "gpu") return;
    await controlled(navigator.serviceWorker);
    if (isUsed || (navigator.userActivation?.hasBeenActive ?? true)) return;
    localStorage.setItem(TRIED, "yes");
    location.reload();
  } catch (error) {
    console.info("The page computes with one thread:", error);
  }
}

/** When a service worker answers for the page. */
async function controlled(workers: ServiceWorkerContainer): Promise<void> {
  if (workers.controller !== null) return;
  await new Promise((done) => workers.addEventListener("controllerchange", done, { once: true }));
}
