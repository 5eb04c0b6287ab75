import type { OutgoingHttpHeaders } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { chunksOf } from "./body.ts";
import { type Asked, ask } from "./download.ts";
import { retryAfter } from "./refusals.ts";
import { CONTENT, served } from "./testing.ts";
import { Transient, Unplaced } from "./transient.ts";
import { type Version, versionOf } from "./versions.ts";

const never = new AbortController().signal;
const MONDAY = "Mon, 23 Nov 2020 12:00:00 GMT";
const VERSION: Version = { etag: '"1"', modified: null, size: CONTENT.length };

function asked(url: string, more: Partial<Asked> = {}): Asked {
  return { url, shown: url, name: "f", from: 0, version: VERSION, pinned: false, signal: never, ...more };
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
      const headers = { "content-length": CONTENT.length, etag: '"1"', "last-modified": MONDAY };
      response.writeHead(200, headers).end(CONTENT);
    });
    const answer = await ask(asked(url));
    expect(answer.version).toEqual({ etag: '"1"', modified: MONDAY, size: CONTENT.length });
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
    [404, "Not Found", /no such file: the address is misspelt, or the model has none/],
    [410, "Gone", /no such file/],
    [403, "Forbidden", /private or gated, or its name is misspelt.*signature/],
    [401, "Unauthorized", /private or gated, or its name is misspelt.*pick their folder/],
    [418, "I'm a Teapot", /Check the address/],
    [451, "Unavailable For Legal Reasons", /country/],
    [511, "Network Authentication Required", /sign in/],
  ])("that is refused with %i says so, and what to do", async (status, words, advice) => {
    const url = await answering(status);
    const error = await ask(asked(url)).catch((error) => error);
    expect(error.name).toBe("DownloadError");
    expect(error.message).toContain(`Expected f at ${url}, found HTTP ${status} ${words}. `);
    expect(error.message).toMatch(advice);
  });

  it("passes on what the hub says, in a line", async () => {
    const url = await answering(401, { "x-error-message": "Access to model x is restricted." });
    await expect(ask(asked(url))).rejects.toThrow(
      "HTTP 401 Unauthorized (Access to model x is restricted.). The",
    );
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
    ["a part that goes on beyond the file", { etag: '"1"', "content-range": `bytes ${from}-300000/300000` }],
    ["a part that ends before it begins", { etag: '"1"', "content-range": `bytes ${from}-5/300000` }],
    ["another length than the part's", { etag: '"1"', "content-range": `bytes ${from}-299998/300000` }],
    ["what is no part", { etag: '"1"', "content-range": "all of it" }],
    ["several parts in one", { etag: '"1"', "content-type": "multipart/byteranges; boundary=x" }],
    ["a compressed part", { etag: '"1"', "content-encoding": "x" }],
    ["nothing to tell the version", {}],
  ])("takes no part on %s", async (_, headers) => {
    const length = 300_000 - from;
    await expect(ofRest(await rest({ "content-length": length, ...headers }))).rejects.toBeInstanceOf(
      Unplaced,
    );
  });

  it.each([
    ["of the right length", 300_000 - from, "seen"],
    ["of another length", 299_000 - from, null],
  ])(
    "cannot know the place of a part %s by itself where Content-Range is hidden",
    async (_, length, start) => {
      const headers = { etag: '"1"', "content-length": length };
      const url = await answering(206, headers, CONTENT.subarray(from, from + length));
      if (start === null) await expect(ofRest(url)).rejects.toBeInstanceOf(Unplaced);
      else expect((await ofRest(url)).start).toBe(start);
    },
  );

  it("takes no part where all was asked for", async () => {
    const url = await rest({});
    await expect(ask(asked(url))).rejects.toThrow("a part of the file, unasked");
  });

  it("needs nothing to tell the version where the hash is known", async () => {
    await expect(ofRest(await rest({}), { pinned: true })).resolves.toBeDefined();
  });

  it("may go by the date", async () => {
    const version = { etag: null, modified: MONDAY, size: null };
    await expect(ofRest(await rest({ "last-modified": MONDAY }), { version })).resolves.toBeDefined();
    const tuesday = "Tue, 24 Nov 2020 12:00:00 GMT";
    await expect(ofRest(await rest({ "last-modified": tuesday }), { version })).rejects.toBeInstanceOf(
      Unplaced,
    );
  });

  it("takes no part where the file ends earlier now", async () => {
    await expect(ofRest(await answering(416))).rejects.toBeInstanceOf(Unplaced);
  });

  it("says where all comes again", async () => {
    const { start, version, body } = await ofRest(await answering(200, { etag: '"2"' }, CONTENT));
    expect([start, version.etag]).toEqual(["first byte", '"2"']);
    expect((await whole(body)).equals(CONTENT)).toBe(true);
  });
});

describe("a version", () => {
  const date = "Mon, 23 Nov 2020 12:00:20 GMT";
  const of = (headers: OutgoingHttpHeaders) =>
    versionOf(new Response(null, { headers: headers as Record<string, string> }), 0);

  it("is told by no date of so late a change, nor by a tag that is made of it", () => {
    const late = { "last-modified": MONDAY, date };
    expect(of(late).modified).toBeNull();
    expect(of({ ...late, etag: '"5fbba5c0-493e0"' }).etag).toBeNull();
    expect(of({ ...late, etag: '"c0ffee"' }).etag).toBe('"c0ffee"');
    const settled = { ...late, date: "Mon, 23 Nov 2020 12:01:00 GMT", etag: '"5fbba5c0-493e0"' };
    expect(of(settled)).toMatchObject({ modified: MONDAY, etag: '"5fbba5c0-493e0"' });
  });

  it("is told by no date that is none", () => {
    expect(of({ "last-modified": "Monday" }).modified).toBeNull();
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
  const waitOf = (header: string, date?: string) =>
    retryAfter(new Headers({ "retry-after": header, ...(date === undefined ? {} : { date }) }), now);

  it.each([
    ["120", 120_000],
    ["Mon, 23 Nov 2026 12:00:05 GMT", 5000],
    ["Mon, 23 Nov 2026 11:00:00 GMT", 0],
    ["Tue, 24 Nov 2026 12:00:00 GMT", null],
    ["soon", null],
    ["-5", null],
  ])("%s", (header, ms) => expect(waitOf(header)).toBe(ms));

  it("as a date counts from the server's own", () => {
    expect(waitOf("Tue, 24 Nov 2026 12:00:05 GMT", "Tue, 24 Nov 2026 12:00:00 GMT")).toBe(5000);
    expect(waitOf("Mon, 23 Nov 2026 12:00:05 GMT", "soon")).toBe(5000);
  });

  it("is null where there is none", () => expect(retryAfter(new Headers(), now)).toBeNull());
});
