// Has the service worker keep the site for visits without network, and says when a new version is waiting.

import { signal } from "@preact/signals";
import { isolateOnce } from "./isolate-once.ts";

/** A newer version of the page waits until this one is closed. */
export const newVersionWaits = signal(false);

/** Never throws: without it, the page needs a network to open, and that is all. */
export async function keepSite(): Promise<void> {
  // Vite's development server has none, and a site to which something is still added is not worth keeping.
  // Browsers hide it where it is not allowed, such as in some private windows.
  if (!import.meta.env.PROD || GPU_COMES || !("serviceWorker" in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.register("./service-worker.js");
    void isolateOnce();
    tellOfNewVersion(registration);
    registration.addEventListener("updatefound", () => {
      const coming = registration.installing;
      coming?.addEventListener("statechange", () => tellOfNewVersion(registration));
    });
  } catch (error) {
    console.info("The page is not kept for use without network:", error);
  }
}

function tellOfNewVersion({ active, waiting }: ServiceWorkerRegistration): void {
  // The first one waits for nothing.
  if (active === null || waiting === null) return;
  newVersionWaits.value = true;
}
