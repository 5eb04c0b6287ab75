import type { OutgoingHttpHeaders } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Asked, ask, chunksOf, retryAfter, StartOver, Transient, type Version } from "./download.ts";
import { served } from "./testing.ts";

const CONTENT = new Uint8Array(300_000).map((_, i) => i % 251);
const never = new AbortController().signal;
const VERSION: Version = { etag: '"1"', modified: null, size: CONTENT.length };

function asked(url: string, more: Partial<Asked> = {}): Asked {
  return { url, name: "f", from: 0, version: VERSION, pinned: false, signal: never, ...more };
}

async function whole(body: ReadableStream<Uint8Array>): Promise<Buffer> {
  const parts = [];
  for await (const chunk of chunksOf(body, never)) parts.push(chunk.slice());
  return Buffer.concat(parts);
}

afterEach(() => void vi.unstubAllGlobals());

/** A server with one answer. */
const answering = (status: number, headers: OutgoingHttpHeaders = {}, body: Uint8Array = new Uint8Array()) =>
  served((_, response) => response.writeHead(status, headers).end(body));

describe("asking for a file", () => {
  it("brings it whole, with what tells its version", async () => {
    const url = await served((request, response) => {
      expect(request.headers.range).toBeUndefined();
      const headers = { "content-length": CONTENT.length, etag: '"1"', "last-modified": "Mon" };
      response.writeHead(200, headers).end(CONTENT);
    });
    const answer = await ask(asked(url));
    expect(answer.version).toEqual({ etag: '"1"', modified: "Mon", size: CONTENT.length });
    expect((await whole(answer.body)).equals(CONTENT)).toBe(true);
  });

  it("tells the server nothing of the page or its user", async () => {
    const sent: RequestInit[] = [];
    vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
      sent.push(init);
      throw new TypeError("Failed to fetch");
    });
    await expect(ask(asked("http://h/"))).rejects.toBeInstanceOf(Transient);
    expect(sent.length).toBe(2);
    for (const init of sent)
      expect(init).toMatchObject({ referrerPolicy: "no-referrer", credentials: "omit" });
  });

  it("takes a weak tag, or a compressed body, for no version", async () => {
    const weak = await ask(
      asked(await answering(200, { etag: 'W/"1"', "content-length": 3 }, CONTENT.subarray(0, 3))),
    );
    expect(weak.version).toEqual({ etag: null, modified: null, size: 3 });
    const zipped = await ask(asked(await answering(200, { "content-encoding": "x", etag: '"1"' })));
    expect(zipped.version).toEqual({ etag: null, modified: null, size: null });
  });

  it.each([
    [404, "found HTTP 404 Not Found"],
    [403, "found HTTP 403 Forbidden"],
    [401, "found HTTP 401 Unauthorized"],
  ])("that is refused with %i ends with file, address and status", async (status, words) => {
    const url = await answering(status);
    await expect(ask(asked(url))).rejects.toMatchObject({
      name: "DownloadError",
      message: expect.stringContaining(`Expected f at ${url}, ${words}`),
    });
  });

  it.each([408, 429, 500, 502, 503, 504])("may be tried again after %i", async (status) => {
    const url = await answering(status, { "retry-after": "3" });
    const error = await ask(asked(url)).catch((error) => error);
    expect(error).toBeInstanceOf(Transient);
    expect([error.after, error.message]).toEqual([3000, expect.stringContaining(`HTTP ${status}`)]);
  });

  it("knows a server that answers, but not this page", async () => {
    // As browsers have it: only what is asked for without being read succeeds.
    const sent: RequestInit[] = [];
    for (const type of ["opaque", "basic"]) {
      vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
        sent.push(init);
        if (init.mode === "no-cors") return { type };
        throw new TypeError("Failed to fetch");
      });
      const error = await ask(asked("http://h/")).catch((error) => error);
      expect(error).toBeInstanceOf(Transient);
      expect([type, error.unreadable]).toEqual([type, type === "opaque"]);
    }
    // Nothing of the body is waited for.
    expect(sent.at(-1)?.signal?.aborted).toBe(true);
  });

  it("asks for the file itself whether the server is there", async () => {
    const url = await served((request, response) => {
      if (request.method === "HEAD") response.writeHead(200).end();
      else request.socket.destroy();
    });
    const error = await ask(asked(url)).catch((error) => error);
    expect([error.unreadable, error.message]).toEqual([false, expect.stringContaining("connection failed")]);
  });

  it("of a server that is not there may be tried again", async () => {
    const error = await ask(asked("http://127.0.0.1:9/")).catch((error) => error);
    expect(error).toBeInstanceOf(Transient);
    expect(error.unreadable).toBe(false);
  });
});

describe("asking for the rest of a file", () => {
  const from = 200_000;
  const rest = (headers: OutgoingHttpHeaders) =>
    answering(206, { "content-range": `bytes ${from}-299999/300000`, ...headers }, CONTENT.subarray(from));
  const ofRest = async (url: string, more: Partial<Asked> = {}) => ask(asked(url, { from, ...more }));

  it("brings the rest of the same version", async () => {
    let range: string | undefined;
    const url = await served((request, response) => {
      range = request.headers.range;
      const headers = { "content-range": `bytes ${from}-299999/300000`, etag: '"1"' };
      response.writeHead(206, headers).end(CONTENT.subarray(from));
    });
    const answer = await ofRest(url);
    expect(range).toBe(`bytes=${from}-`);
    expect(answer.version.size).toBe(CONTENT.length);
    expect((await whole(answer.body)).equals(CONTENT.subarray(from))).toBe(true);
  });

  it.each([
    ["another tag", { etag: '"2"' }],
    ["another size", { etag: '"1"', "content-range": `bytes ${from}-399999/400000` }],
    ["another part", { etag: '"1"', "content-range": "bytes 0-99999/300000" }],
    ["nothing to tell the version", {}],
  ])("starts over on %s", async (_, headers) => {
    await expect(ofRest(await rest(headers))).rejects.toBeInstanceOf(StartOver);
  });

  it("needs nothing to tell the version where the hash is known", async () => {
    await expect(ofRest(await rest({}), { pinned: true })).resolves.toBeDefined();
  });

  it("may go by the date", async () => {
    const version = { etag: null, modified: "Mon", size: null };
    await expect(ofRest(await rest({ "last-modified": "Mon" }), { version })).resolves.toBeDefined();
    await expect(ofRest(await rest({ "last-modified": "Tue" }), { version })).rejects.toBeInstanceOf(
      StartOver,
    );
  });

  it("starts over where the file ends earlier now", async () => {
    await expect(ofRest(await answering(416))).rejects.toBeInstanceOf(StartOver);
  });

  it("starts over with what comes, where all comes again", async () => {
    const error = await ofRest(await answering(200, { etag: '"2"' }, CONTENT)).catch((error) => error);
    expect(error).toBeInstanceOf(StartOver);
    expect(error.whole.version.etag).toBe('"2"');
    expect((await whole(error.whole.body)).equals(CONTENT)).toBe(true);
  });
});

describe("a body", () => {
  it("that breaks off may be tried again", async () => {
    const url = await served((_, response) => {
      response.writeHead(200, { "content-length": CONTENT.length });
      response.write(CONTENT.subarray(0, 5000), () => setTimeout(() => response.destroy(), 20));
    });
    const { body } = await ask(asked(url));
    await expect(whole(body)).rejects.toBeInstanceOf(Transient);
  });

  it("is let go of when cancelled, or when its reader stops", async () => {
    for (const stop of ["cancel", "break"]) {
      let closed = false;
      const url = await served((_, response) => {
        response.on("close", () => {
          closed = true;
        });
        response.writeHead(200, { "content-length": CONTENT.length });
        response.write(CONTENT.subarray(0, 5000));
      });
      const cancel = new AbortController();
      const { body } = await ask(asked(url, { signal: cancel.signal }));
      const reading = async () => {
        for await (const _ of chunksOf(body, cancel.signal)) {
          if (stop === "break") break;
          cancel.abort(new Error("stop"));
        }
      };
      if (stop === "break") await reading();
      else await expect(reading()).rejects.toThrow("stop");
      await expect.poll(() => closed).toBe(true);
    }
  });
});

describe("Retry-After", () => {
  const now = Date.parse("Mon, 23 Nov 2026 12:00:00 GMT");
  it.each([
    [null, null],
    ["120", 120_000],
    ["Mon, 23 Nov 2026 12:00:05 GMT", 5000],
    ["Mon, 23 Nov 2026 11:00:00 GMT", 0],
    ["soon", null],
    ["-5", null],
  ])("%s", (header, ms) => expect(retryAfter(header, now)).toBe(ms));
});
