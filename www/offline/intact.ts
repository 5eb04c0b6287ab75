// Only what the build has made is kept, and only what is still that is used: a server's fallback page in place of a
// script, half a deployment or the sign-in page of a network all come as a plain 200.

import type { WorkboxPlugin } from "workbox-core/types.js";

/** Each file's integrity ("sha256-…") by its address. */
export type Integrities = ReadonlyMap<string, string>;

/** `broken`: what is kept of the version in use is not whole. */
export function intactOnly(integrities: Integrities, broken: () => void): WorkboxPlugin {
  const integrityOf = ({ url }: Request) => integrities.get(url.replace(/[?#].*$/, "")) ?? "";
  return {
    // The browser compares it, and fails the request where it differs.
    requestWillFetch: async ({ request }) => {
      const integrity = request.integrity || integrityOf(request);
      // A request without CORS can have none; the site's own files are not asked for so.
      if (integrity === "" || request.mode === "no-cors") return request;
      return new Request(request, { integrity });
    },
    // What an earlier version has kept without comparing, or the disk has damaged, is fetched again.
    cachedResponseWillBeUsed: async ({ cachedResponse, request, event }) => {
      if (cachedResponse === undefined) return null;
      if (await isIntact(cachedResponse, integrityOf(request))) return cachedResponse;
      if (event.type === "install") broken();
      return null;
    },
    handlerDidError: async ({ request, event }) => {
      // The wrong answer may be in the browser's own cache too, where the next try would find it.
      await fetch(new Request(request.url, { cache: "reload" })).catch(() => undefined);
      // A page that is not the kept one is better than none: it may be the sign-in page, or a newer version.
      return event instanceof FetchEvent && event.request.mode === "navigate"
        ? fetch(event.request)
        : undefined;
    },
  };
}

/** Whether the body, as it is after any compression on the way, is what the build has made. */
export async function isIntact(response: Response, integrity: string): Promise<boolean> {
  const digest = await crypto.subtle.digest("SHA-256", await response.clone().arrayBuffer());
  return integrity === `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

/** Not among the types of a page. */
declare class FetchEvent extends Event {
  readonly request: Request;
}
