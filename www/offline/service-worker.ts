// Keeps the site itself, so that it opens without a network after the first visit. The models are none of its
// business: they are in the origin private file system.
//
// A new version is fetched beside the old one and takes over when the last tab of the old one is closed, so that no
// open page loses the files it may still ask for.

import { cacheNames, clientsClaim } from "workbox-core";
import { addRoute, cleanupOutdatedCaches, precache } from "workbox-precaching";
import { registerRoute } from "workbox-routing";
import { CacheFirst } from "workbox-strategies";

/** The site's files; the build puts its list here (site-files.ts). */
declare const SITE: {
  /** Kept at once. `revision` is null where the name holds a hash. */
  now: { url: string; revision: string | null }[];
  /** Large and not needed by everybody: kept once it was used. */
  used: string[];
};

const used = SITE.used.map((url) => new URL(url, location.href).href);

precache(SITE.now);
addRoute();
registerRoute(({ url }) => used.includes(url.href), new CacheFirst());

cleanupOutdatedCaches();
addEventListener("activate", (event) => (event as ExtendableEvent).waitUntil(dropUnused()));
// The page that brought this worker here may be the one that uses the large files.
clientsClaim();

/** What earlier versions used. */
async function dropUnused(): Promise<void> {
  const cache = await caches.open(cacheNames.runtime);
  for (const request of await cache.keys()) {
    if (!used.includes(request.url)) await cache.delete(request);
  }
}

/** Not among the types of a page. */
interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
