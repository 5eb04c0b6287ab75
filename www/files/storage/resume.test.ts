import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { OVERLAP } from "../seen.ts";
import { hashOf, MemoryFolder, read, served, source } from "../testing.ts";
import { StartOver } from "../transient.ts";
import { UrlFiles } from "../url-files.ts";

/** Bytes of which no part is like another. */
function randomBytes(count: number, seed: number): Uint8Array {
  let state = seed;
  return new Uint8Array(count).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state >>> 24;
  });
}

const FILE = randomBytes(400_000, 1);
const OTHER = randomBytes(400_000, 2);
const CUT = 200_000;
const REST = CUT - OVERLAP;
const LONG_AGO = "Mon, 23 Nov 2020 12:00:00 GMT";

type Answering = (request: IncomingMessage, response: ServerResponse, from: number) => void;

/** What an answer to a request for a part may be; a whole file is answered with `content()`. */
function serve(options: { content?: () => Uint8Array; headers?: OutgoingHttpHeaders; part: Answering }) {
  const { content = () => FILE, headers = { etag: '"1"' }, part } = options;
  const asked: (number | null)[] = [];
  let first = true;
  const base = served((request, response) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
    asked.push(range === undefined ? null : Number(range));
    if (range !== undefined) return part(request, response, Number(range));
    const bytes = content();
    response.writeHead(200, { "content-length": bytes.length, ...headers });
    if (!first) return response.end(bytes);
    first = false;
    response.write(bytes.subarray(0, CUT), () => setTimeout(() => response.destroy(), 50));
  });
  return { base, asked };
}

const partial =
  (bytes: (from: number) => Uint8Array, headers: (from: number) => OutgoingHttpHeaders): Answering =>
  (_, response, from) => {
    const body = bytes(from);
    response.writeHead(206, { "content-length": body.length, etag: '"1"', ...headers(from) }).end(body);
  };

const range = (from: number) => ({ "content-range": `bytes ${from}-${FILE.length - 1}/${FILE.length}` });
const rest = (from: number) => FILE.subarray(from);
const OPTIONS = { promised: FILE.length };

async function assertStored(folder: MemoryFolder, bytes: Uint8Array) {
  const kept = await folder.file();
  expect([kept.complete, kept.bytes]).toEqual([true, bytes.length]);
  expect(hashOf(folder.content.bytes)).toBe(hashOf(bytes));
}

describe("a part of a file", () => {
  it.each([
    ["with its place", partial(rest, range)],
    ["whose bytes alone say where it belongs", partial(rest, () => ({}))],
  ])("%s is taken where the bytes before it are the same", async (_, part) => {
    const { base, asked } = serve({ part });
    const folder = new MemoryFolder();
    const { bytes } = await read(new UrlFiles(source(await base), folder), OPTIONS);
    expect(hashOf(bytes)).toBe(hashOf(FILE));
    expect(asked).toEqual([null, REST]);
    await assertStored(folder, FILE);
  });

  it.each([
    [
      "from the first byte, which does not say so",
      partial(
        () => FILE,
        () => ({}),
      ),
    ],
    [
      "from the first byte, and as long as the rest",
      partial(
        (from) => FILE.subarray(0, FILE.length - from),
        () => ({}),
      ),
    ],
    [
      "from another byte, which does not say so",
      partial(
        (from) => FILE.subarray(from - 4096, -4096),
        () => ({}),
      ),
    ],
    ["from another byte, and says so", partial(rest, (from) => range(from + 1))],
    ["from another byte, and says otherwise", partial((from) => FILE.subarray(from - 4, -4), range)],
    ["of another file that says it is the same", partial((from) => OTHER.subarray(from), range)],
    ["of another length", partial(rest, (from) => ({ "content-range": `bytes ${from}-${from + 9}/400000` }))],
    [
      "of a file of another length",
      partial(rest, (from) => ({ "content-range": `bytes ${from}-399999/400001` })),
    ],
    ["among several", partial(rest, () => ({ "content-type": "multipart/byteranges; boundary=x" }))],
    ["that is none of the file", (_, response) => void response.writeHead(416).end()],
  ] as [string, Answering][])("%s is not taken: the whole is, from where it goes on", async (_, part) => {
    const { base, asked } = serve({ part });
    const folder = new MemoryFolder();
    const { bytes } = await read(new UrlFiles(source(await base), folder), OPTIONS);
    expect(hashOf(bytes)).toBe(hashOf(FILE));
    expect(asked).toEqual([null, REST, null]);
    await assertStored(folder, FILE);
  });

  it("that is not to be had is a part of the whole, which comes instead", async () => {
    const { base, asked } = serve({
      part: (_, response) => void response.writeHead(200, { etag: '"1"' }).end(FILE),
    });
    const folder = new MemoryFolder();
    const { bytes } = await read(new UrlFiles(source(await base), folder), OPTIONS);
    expect(hashOf(bytes)).toBe(hashOf(FILE));
    expect(asked).toEqual([null, REST]);
    await assertStored(folder, FILE);
  });

  it("of zeros says nothing of its place", async () => {
    const zeros = FILE.slice().fill(0, 100_000, 300_000);
    const part = partial(
      (from) => zeros.subarray(from - 8, -8),
      () => ({}),
    );
    const { base, asked } = serve({ content: () => zeros, part });
    const { bytes } = await read(new UrlFiles(source(await base), new MemoryFolder()), OPTIONS);
    expect(hashOf(bytes)).toBe(hashOf(zeros));
    expect(asked).toEqual([null, REST, null]);
  });
});

describe("a file that was replaced meanwhile", () => {
  const now = () => new Date().toUTCString();
  const part = partial((from) => OTHER.subarray(from), range);

  it.each([
    ["with the same date, in the same second", { "last-modified": now(), date: now() }],
    ["with a tag made of that date", { "last-modified": now(), date: now(), etag: '"6565b5a0-61a80"' }],
    ["and nothing tells", {}],
  ])("%s: comes from its first byte, and is stored as itself", async (_, headers) => {
    let content = FILE;
    const { base, asked } = serve({ content: () => content, headers, part });
    const folder = new MemoryFolder();
    const files = new UrlFiles(source(await base), folder);
    const each = () => {
      content = OTHER;
    };
    await expect(read(files, { ...OPTIONS, each })).rejects.toBeInstanceOf(StartOver);
    expect(folder.content.getSize()).toBe(CUT);
    const { bytes } = await read(files, OPTIONS);
    expect(hashOf(bytes)).toBe(hashOf(OTHER));
    expect(asked).toEqual([null, null, null]);
    await assertStored(folder, OTHER);
  });

  it("with one that is the same around the cut is one version, the new one", async () => {
    const fresh = FILE.slice();
    fresh.set(OTHER.subarray(0, 1000), 100_000);
    fresh.set(OTHER.subarray(0, 1000), 350_000);
    let content = FILE;
    const { base } = serve({ content: () => content, headers: {}, part });
    const folder = new MemoryFolder();
    const files = new UrlFiles(source(await base), folder);
    const each = () => {
      content = fresh;
    };
    await expect(read(files, { ...OPTIONS, each })).rejects.toThrow("differs before byte 200000");
    expect(hashOf((await read(files, OPTIONS)).bytes)).toBe(hashOf(fresh));
    await assertStored(folder, fresh);
  });

  it("only after the cut goes on, as a whole of the new version", async () => {
    const fresh = FILE.slice();
    fresh.set(OTHER.subarray(0, 1000), 350_000);
    let content = FILE;
    const headers = { "last-modified": LONG_AGO };
    const { base, asked } = serve({
      content: () => content,
      headers,
      part: (_, response, from) =>
        void response
          .writeHead(206, { ...range(from), "last-modified": "Tue, 24 Nov 2020 12:00:00 GMT" })
          .end(fresh.subarray(from)),
    });
    const folder = new MemoryFolder();
    const each = () => {
      content = fresh;
    };
    const { bytes } = await read(new UrlFiles(source(await base), folder), { ...OPTIONS, each });
    expect(hashOf(bytes)).toBe(hashOf(fresh));
    expect(asked).toEqual([null, REST, null]);
    await assertStored(folder, fresh);
  });
});

describe("what comes instead of a file", () => {
  /** Of FILE, a part is kept; then the server sends `wrong` for a while. */
  async function kept() {
    let wrong: Uint8Array | null = null;
    const { base, asked } = serve({
      content: () => wrong ?? FILE,
      part: (request, response, from) => {
        if (wrong === null) return partial(rest, range)(request, response, from);
        response.writeHead(200, { "content-length": wrong.length }).end(wrong);
      },
    });
    const folder = new MemoryFolder();
    const cancel = new AbortController();
    const each = (done: number) => {
      if (done >= CUT) cancel.abort(new Error("stop"));
    };
    const open = async () => new UrlFiles(source(await base), folder);
    await expect(read(await open(), { ...OPTIONS, each, signal: cancel.signal })).rejects.toThrow("stop");
    expect(folder.content.getSize()).toBe(CUT);
    const send = (bytes: Uint8Array | null) => {
      wrong = bytes;
    };
    return { folder, open, send, asked };
  }

  const page = new TextEncoder().encode("<!DOCTYPE html><title>Sign in</title>".repeat(100));

  it.each([
    ["a page", page],
    ["another file of the same size", OTHER],
    ["a longer page", new Uint8Array(500_000).fill(60)],
  ])("%s: what is kept stays until it is known to be no model", async (_, wrong) => {
    const { folder, open, send, asked } = await kept();
    send(wrong);
    const files = await open();
    await expect(read(files, OPTIONS)).rejects.toBeInstanceOf(StartOver);
    // The loader reads it again, from its first byte, and finds no header in it.
    const header = { promised: Number.POSITIVE_INFINITY };
    expect(hashOf((await read(files, header)).bytes)).toBe(hashOf(wrong));
    files.discard();
    expect(files.kept()).toMatch(/^200 kB of 400 kB of model\.safetensors are kept/);
    expect(hashOf(folder.content.bytes)).toBe(hashOf(FILE.subarray(0, CUT)));
    send(null);
    asked.length = 0;
    expect(hashOf((await read(await open(), OPTIONS)).bytes)).toBe(hashOf(FILE));
    expect(asked).toEqual([REST]);
    await assertStored(folder, FILE);
  });

  it("the same file, cut: what is kept stays", async () => {
    const { folder, open, send } = await kept();
    send(FILE.subarray(0, 250_000));
    await expect(read(await open(), OPTIONS)).rejects.toThrow(
      /adds up to 400000 bytes, but the server's file ends after 250000 now\..*250 kB of 400 kB/,
    );
    send(null);
    expect(hashOf((await read(await open(), OPTIONS)).bytes)).toBe(hashOf(FILE));
    await assertStored(folder, FILE);
  });
});
