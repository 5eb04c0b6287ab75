import { expect, it } from "vitest";
import { isolating } from "./isolation.ts";

/** What a page gets that asks for this; `failed`: something else than what is kept has come in its place. */
async function answered(destination: string, { failed = false } = {}) {
  const of = { state: {}, request: { destination } as Request, event: {} as never };
  if (failed) await isolating.handlerDidError?.({ ...of, error: new Error("not kept") });
  const response = new Response("it", { status: 203, headers: { "content-type": "text/plain" } });
  const answer = await isolating.handlerWillRespond?.({ ...of, response });
  const { status, headers } = answer as Response;
  expect([status, headers.get("content-type"), await answer?.text()]).toEqual([203, "text/plain", "it"]);
  return [headers.get("cross-origin-opener-policy"), headers.get("cross-origin-embedder-policy")];
}

const ISOLATED = ["same-origin", "credentialless"];

it.each(["document", "iframe", "worker"])("isolates a %s", async (destination) => {
  expect(await answered(destination)).toEqual(ISOLATED);
});

it.each(["script", "style", ""])("leaves a %s as it is", async (destination) => {
  expect(await answered(destination)).toEqual([null, null]);
});

it("leaves somebody else's page, such as a network's for signing in, as it is", async () => {
  expect(await answered("document", { failed: true })).toEqual([null, null]);
  // A worker that is fetched again is the site's, and an isolated page has no other.
  expect(await answered("worker", { failed: true })).toEqual(ISOLATED);
});
