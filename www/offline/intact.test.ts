import { createHash } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { intactOnly, isIntact } from "./intact.ts";

const SCRIPT = "export const answer = 42;\n";
const PAGE = "<!doctype html><title>Sign in</title>";
const URL_ = "https://site.test/assets/index-abc.js";
const integrity = `sha256-${createHash("sha256").update(SCRIPT).digest("base64")}`;

describe("isIntact", () => {
  it("takes the file as it was built, and leaves it to be read", async () => {
    const response = new Response(SCRIPT);
    expect(await isIntact(response, integrity)).toBe(true);
    expect(await response.text()).toBe(SCRIPT);
  });

  it.each([
    ["a fallback page", PAGE],
    ["nothing", ""],
    ["a part", SCRIPT.slice(0, -1)],
    ["more", `${SCRIPT}\n`],
  ])("refuses %s", async (_, body) => expect(await isIntact(new Response(body), integrity)).toBe(false));
});

describe("intactOnly", () => {
  afterEach(() => void vi.unstubAllGlobals());

  const broken = vi.fn();
  const plugin = intactOnly(new Map([[URL_, integrity]]), broken);
  const request = new Request(URL_);
  const used = (body: string, type: string) =>
    plugin.cachedResponseWillBeUsed?.({
      cacheName: "site",
      request: new Request(`${URL_}?__WB_REVISION__=1`),
      cachedResponse: new Response(body),
      event: new Event(type) as never,
    });

  it("uses what is kept where it is whole", async () => {
    expect(await (await used(SCRIPT, "fetch"))?.text()).toBe(SCRIPT);
    expect(await used(PAGE, "fetch")).toBeNull();
    expect(broken).not.toHaveBeenCalled();
  });

  it("says so where a new version finds the old one broken", async () => {
    expect(await used(PAGE, "install")).toBeNull();
    expect(broken).toHaveBeenCalledOnce();
  });

  it("has the browser compare what is fetched", async () => {
    const asked = (it: Request) =>
      plugin.requestWillFetch?.({ request: it, event: new Event("fetch") as never });
    expect((await asked(request))?.integrity).toBe(integrity);
    expect((await asked(new Request("https://site.test/other.js")))?.integrity).toBe("");
  });

  it("has a wrong answer dropped from the browser's own cache", async () => {
    const fetch = vi.fn(async (_: Request) => new Response(SCRIPT));
    vi.stubGlobal("fetch", fetch);
    vi.stubGlobal("FetchEvent", class extends Event {});
    const event = new Event("install") as never;
    expect(await plugin.handlerDidError?.({ request, event, error: new Error("integrity") })).toBeUndefined();
    expect(fetch.mock.calls[0]?.[0].cache).toBe("reload");
  });
});
