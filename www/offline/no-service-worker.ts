// The service worker of a site that the GPU's program is still missing from: keeps nothing, and takes the place of one that
// keeps an earlier site, so that the page is the one that `npm start` has just built.

/** As in a service worker, not in a page. */
declare function skipWaiting(): Promise<void>;
declare const registration: ServiceWorkerRegistration;

addEventListener("install", () => void skipWaiting());
addEventListener("activate", () => void registration.unregister());
