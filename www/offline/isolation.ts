// A page has threads that share memory only if it is sent with headers by which it is isolated from other sites' pages. Our own
// server sends them; where a host does not, the service worker adds them to what it keeps.

import type { WorkboxPlugin } from "workbox-core/types.js";
import HEADERS from "./isolation.json";

/** For all else the headers say nothing. */
const [DOCUMENTS, WORKERS] = [["document", "iframe"], ["worker"]];

export const isolating: WorkboxPlugin = {
  // What comes instead may be somebody else's page, such as a network's for signing in.
  handlerDidError: async ({ state }) => {
    if (state) state.isOurs = false;
    return undefined;
  },
  handlerWillRespond: async ({ request: { destination }, response, state }) => {
    const isOurs = state?.isOurs ?? true;
    return WORKERS.includes(destination) || (DOCUMENTS.includes(destination) && isOurs)
      ? isolated(response)
      : response;
  },
};

function isolated(response: Response): Response {
  const { body, status, statusText } = response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  return new Response(body, { status, statusText, headers });
}
