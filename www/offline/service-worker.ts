// Keeps the site itself, so that it opens without a network after the first visit. The models are none of its
// business: they are in the origin private file system.
//
// A new version is fetched beside the old one and takes over when the last tab of the old one is closed, so that no
// open page loses the files it may still ask for.

import { cacheNames, clientsClaim } from "workbox-core";
import { addPlugins, addRoute, cleanupOutdatedCaches, precache } from "workbox-precaching";
import { registerRoute } from "workbox-routing";
import { CacheFirst } from "workbox-strategies";
import { intactOnly } from "./intact.ts";
import { isolating } from "./isolation.ts";
import type { SiteFiles } from "./site-files.ts";

/** The build puts it here. */
declare const SITE: SiteFiles;
/** As in a service worker, not in a page. */
declare function skipWaiting(): Promise<void>;

const address = (url: string) => new URL(url, location.href).href;
const used = new Set(SITE.used.map(({ url }) => address(url)));
const integrities = new Map(
  [...SITE.now, ...SITE.used].map(({ url, integrity }) => [address(url), integrity]),
);
// Nothing is lost by taking over at once from a version that is broken.
const intact = intactOnly(integrities, () => void skipWaiting());

addPlugins([isolating, intact]);
precache(SITE.now);
// The page in a frame is the same file.
addRoute({ ignoreURLParametersMatching: [/^(embed|theme)$/] });
registerRoute(({ url }) => used.has(url.href), new CacheFirst({ plugins: [isolating, intact] }));

cleanupOutdatedCaches();
addEventListener("activate", (event) => (event as ExtendableEvent).waitUntil(dropUnused()));
// The page that brought this worker here may be the one that uses the large files.
clientsClaim();

/** What earlier versions used. */
async function dropUnused(): Promise<void> {
  const cache = await caches.open(cacheNames.runtime);
  for (const request of await cache.keys()) {
    if (!used.has(request.url)) await cache.delete(request);
  }
}

/** Not among the types of a page. */
interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
