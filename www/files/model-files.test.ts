import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import hub from "../../crate/src/hub.json";
import { folderSource, HUB_ID, type ModelSource, urlSource } from "../door/sources.ts";
import { FolderFiles } from "./folder-files.ts";
import { OVERLAP } from "./seen.ts";
import { Unstorable } from "./storage/store.ts";
import { CONTENT, MemoryFolder, newHash, read, served, source } from "./testing.ts";
import { StartOver } from "./transient.ts";
import { UrlFiles } from "./url-files.ts";

const NAME = "model.safetensors";

afterEach(() => void vi.unstubAllGlobals());

const later = setTimeout;
/** Pauses between tries take a twentieth of their time. */
const hurry = () =>
  vi.stubGlobal("setTimeout", (work: (...args: unknown[]) => void, ms: number, ...args: unknown[]) =>
    later(work, ms / 20, ...args),
  );

/** Serves CONTENT, with parts; `first` may answer instead, if it likes. */
function serveContent(first: (request: IncomingMessage, response: ServerResponse) => boolean = () => false) {
  const ranges: (string | undefined)[] = [];
  const base = served((request, response) => {
    ranges.push(request.headers.range);
    if (first(request, response)) return;
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const headers = { etag: '"1"', "content-length": CONTENT.length - from };
    const part = { "content-range": `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` };
    response.writeHead(from > 0 ? 206 : 200, { ...headers, ...(from > 0 ? part : {}) });
    response.end(CONTENT.subarray(from));
  });
  return { base, ranges };
}

/** What is asked for where so many bytes are there. */
const restAfter = (bytes: number) => (bytes > OVERLAP ? `bytes=${bytes - OVERLAP}-` : undefined);

/** Breaks the first answer off after so many bytes. */
const cutOnce = (bytes: number, headers = {}) => {
  let cut = false;
  return (_: IncomingMessage, response: ServerResponse) => {
    if (cut) return false;
    cut = true;
    response.writeHead(200, { etag: '"1"', "content-length": CONTENT.length, ...headers });
    response.flushHeaders();
    response.write(CONTENT.subarray(0, bytes), () => later(() => response.destroy(), 50));
    return true;
  };
};

describe("a model's file at a URL", () => {
  it("comes from the network once, then from storage", async () => {
    const { base, ranges } = serveContent();
    const folder = new MemoryFolder();
    const first = new UrlFiles(source(await base), folder);
    expect((await read(first)).bytes.equals(CONTENT)).toBe(true);
    expect([first.from, first.unstored]).toEqual(["network", null]);
    const second = new UrlFiles(source(await base), folder);
    const { bytes, stages } = await read(second);
    expect(bytes.equals(CONTENT)).toBe(true);
    expect([second.from, stages]).toEqual(["storage", ["read"]]);
    expect(ranges).toEqual([undefined]);
  });

  it.each([0, 1, 7, 65_536, 299_999])("cut after byte %i goes on there", async (bytes) => {
    const { base, ranges } = serveContent(cutOnce(bytes));
    const files = new UrlFiles(source(await base), new MemoryFolder());
    const found = await read(files);
    expect(found.bytes.equals(CONTENT)).toBe(true);
    expect(found.stages).toContain("retry");
    expect(ranges).toEqual([undefined, restAfter(bytes)]);
  });

  it("breaks off more often than it is tried again, as long as it gets on", async () => {
    const large = Buffer.concat(Array(30).fill(CONTENT));
    const [all, part] = [large.length, 1_500_000];
    let asked = 0;
    const base = await served((request, response) => {
      asked += 1;
      const from = Number(/\d+/.exec(request.headers.range ?? "")?.[0] ?? 0);
      const range = { "content-range": `bytes ${from}-${all - 1}/${all}` };
      const headers = { etag: '"1"', "content-length": all - from, ...(from > 0 ? range : {}) };
      response.writeHead(from > 0 ? 206 : 200, headers);
      if (from + part >= all) response.end(large.subarray(from));
      else response.write(large.subarray(from, from + part), () => later(() => response.destroy(), 50));
    });
    hurry();
    const { bytes } = await read(new UrlFiles(source(base), new MemoryFolder()), { promised: all });
    expect(bytes.equals(large)).toBe(true);
    expect(asked).toBeGreaterThan(5);
  });

  it.each([5, 1000, 100_000])("that ends after byte %i without an error goes on as well", async (end) => {
    let short = true;
    const { base, ranges } = serveContent((_, response) => {
      if (!short) return false;
      short = false;
      response.writeHead(200, { etag: '"1"' }).end(CONTENT.subarray(0, end));
      return true;
    });
    expect((await read(new UrlFiles(source(await base), new MemoryFolder()))).bytes.equals(CONTENT)).toBe(
      true,
    );
    expect(ranges).toEqual([undefined, restAfter(end)]);
  });

  it("cancelled keeps what has come, and says so", async () => {
    const { base, ranges } = serveContent();
    const folder = new MemoryFolder();
    const cancel = new AbortController();
    const files = new UrlFiles(source(await base), folder);
    let kept = 0;
    const stop = (done: number) => {
      kept = done;
      cancel.abort(new Error("stop"));
    };
    await expect(read(files, { signal: cancel.signal, each: stop })).rejects.toThrow("stop");
    expect(files.kept()).toMatch(/^\d+ kB of 300 kB of model\.safetensors are kept; the next run/);
    expect((await read(new UrlFiles(source(await base), folder))).bytes.equals(CONTENT)).toBe(true);
    expect(ranges).toEqual([undefined, restAfter(kept)]);
  });

  it("that lacks only the last line of its journal is not fetched again", async () => {
    const { base, ranges } = serveContent();
    const folder = new MemoryFolder();
    await read(new UrlFiles(source(await base), folder));
    folder.log.truncate(folder.log.getSize() - 1);
    const files = new UrlFiles(source(await base), folder);
    expect((await read(files)).bytes.equals(CONTENT)).toBe(true);
    expect(ranges).toEqual([undefined]);
    expect((await folder.file()).complete).toBe(true);
  });

  it("that has no size of its own is compared as a whole, for what was announced may be another", async () => {
    const { base, ranges } = serveContent();
    const folder = new MemoryFolder();
    const options = { promised: null };
    await read(new UrlFiles(source(await base), folder), options);
    folder.log.truncate(folder.log.getSize() - 1);
    const files = new UrlFiles(source(await base), folder);
    expect((await read(files, options)).bytes.equals(CONTENT)).toBe(true);
    expect([files.from, ranges]).toEqual(["network", [undefined, undefined]]);
    expect((await folder.file()).complete).toBe(true);
  });

  it("is from storage until something comes from the network", async () => {
    const { base } = serveContent();
    const { folder } = await begun(await base, 100_000);
    const files = new UrlFiles(source(await base), folder);
    const cancel = new AbortController();
    const each = () => cancel.abort(new Error("stop"));
    await expect(read(files, { signal: cancel.signal, each })).rejects.toThrow("stop");
    expect(files.from).toBe("storage");
  });

  /** A folder that keeps the beginning of the file. */
  async function begun(base: string, bytes: number) {
    const folder = new MemoryFolder();
    const cancel = new AbortController();
    const stop = (done: number) => {
      if (done >= bytes) cancel.abort(new Error("stop"));
    };
    const files = new UrlFiles(source(base), folder);
    await expect(read(files, { signal: cancel.signal, each: stop })).rejects.toThrow("stop");
    return { folder, kept: folder.content.getSize() };
  }

  /** What a browser makes of answers that the page may not read, but another may: only a no-cors request succeeds. */
  function unreadable(refused: (init: RequestInit) => boolean) {
    const real = fetch;
    const headers: (string | null)[] = [];
    vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
      if (init.mode === "no-cors") return { type: "opaque" };
      headers.push(new Headers(init.headers).get("range"));
      if (refused(init)) throw new TypeError("Failed to fetch");
      return real(url, init);
    });
    hurry();
    return headers;
  }

  it("that cannot be read for a while is kept, and goes on", async () => {
    const { base, ranges } = serveContent();
    const { folder, kept } = await begun(await base, 100_000);
    const headers = unreadable(() => true);
    const files = new UrlFiles(source(await base), folder);
    await expect(read(files)).rejects.toMatchObject({
      name: "DownloadError",
      message: expect.stringMatching(/tried 5 times.*are kept; the next run goes on from there/),
    });
    // One of them might have shown that it is the Range header which is not allowed.
    const part = restAfter(kept) ?? null;
    expect(headers).toEqual([part, part, part, null, part]);
    expect(folder.content.getSize()).toBe(kept);
    vi.unstubAllGlobals();
    expect((await read(new UrlFiles(source(await base), folder))).bytes.equals(CONTENT)).toBe(true);
    expect(ranges.at(-1) ?? null).toBe(part);
  });

  it("of which only the rest cannot be asked for is asked for as a whole", async () => {
    const { base } = serveContent();
    const { folder } = await begun(await base, 100_000);
    unreadable((init) => new Headers(init.headers).has("range"));
    const files = new UrlFiles(source(await base), folder);
    expect((await read(files)).bytes.equals(CONTENT)).toBe(true);
  });

  it("that cannot be kept is read all the same", async () => {
    const { base } = serveContent();
    const files = new UrlFiles(source(await base), new Unstorable("no storage here"));
    expect((await read(files)).bytes.equals(CONTENT)).toBe(true);
    expect(files.unstored).toBe("This model is not kept for the next time: no storage here.");
  });

  it("for which there is no room any more is read all the same, and nothing of it stays", async () => {
    // Without a size, lack of room shows only in the writing.
    const { base } = serveContent((_, response) => {
      response.writeHead(200).end(CONTENT);
      return true;
    });
    const folder = new MemoryFolder();
    folder.content.room = 100;
    const files = new UrlFiles(source(await base), folder);
    expect((await read(files)).bytes.equals(CONTENT)).toBe(true);
    expect(files.unstored).toMatch(/limit for stored files/);
    expect(folder.content.getSize()).toBe(0);
  });

  it("for which the room is not enough keeps what fits", async () => {
    const MIB = 1 << 20;
    const large = Buffer.concat(Array(70).fill(CONTENT));
    const ranges: (string | undefined)[] = [];
    const base = await served((request, response) => {
      ranges.push(request.headers.range);
      const from = Number(/\d+/.exec(request.headers.range ?? "")?.[0] ?? 0);
      const range = { "content-range": `bytes ${from}-${large.length - 1}/${large.length}` };
      response.writeHead(from > 0 ? 206 : 200, { etag: '"1"', ...(from > 0 ? range : {}) });
      response.end(large.subarray(from));
    });
    const folder = new MemoryFolder();
    folder.content.room = 10 * MIB;
    const files = new UrlFiles(source(base), folder);
    const options = { promised: large.length };
    expect((await read(files, options)).bytes.equals(large)).toBe(true);
    expect(files.unstored).toMatch(
      /^Only the first \d\.\d MB of this model are kept .*limit for stored files/,
    );
    const kept = folder.content.getSize();
    expect(kept).toBeGreaterThanOrEqual(8 * MIB);
    folder.content.room = Number.POSITIVE_INFINITY;
    const again = new UrlFiles(source(base), folder);
    expect((await read(again, options)).bytes.equals(large)).toBe(true);
    expect([again.unstored, ranges]).toEqual([null, [undefined, restAfter(kept)]]);
  });

  it("does not take a fault of the hash for one of the storage", async () => {
    const { base } = serveContent();
    const folder = new MemoryFolder();
    const hash = {
      update: () => undefined,
      hex: () => {
        throw new WebAssembly.RuntimeError("unreachable");
      },
    };
    const files = new UrlFiles(source(await base), folder);
    const job = {
      name: NAME,
      hash,
      newHash,
      signal: new AbortController().signal,
      promised: () => CONTENT.length,
      report: () => undefined,
    } as const;
    const reading = async () => {
      for await (const _ of files.read(job));
    };
    await expect(reading()).rejects.toThrow("unreachable");
    expect(files.unstored).toBeNull();
  });

  it("that would not fit is not kept from the beginning", async () => {
    const { base } = serveContent();
    const folder = new MemoryFolder();
    folder.lack = "too small";
    const files = new UrlFiles(source(await base), folder);
    expect((await read(files)).bytes.equals(CONTENT)).toBe(true);
    expect([files.unstored, folder.log.getSize()]).toEqual([expect.stringContaining("too small"), 0]);
  });

  it("that is longer than its header promises is no model, early", async () => {
    const { base } = serveContent();
    const files = new UrlFiles(source(await base), new MemoryFolder());
    let chunks = 0;
    const reading = read(files, { promised: 200_000, each: () => void chunks++ });
    await expect(reading).rejects.toMatchObject({
      name: "BadModel",
      message: expect.stringMatching(/header adds up to 200000 bytes, but the server has 300000/),
    });
    expect(chunks).toBe(1);
  });

  it("that is shorter than its header promises is not asked for more than once", async () => {
    const { base, ranges } = serveContent();
    const files = new UrlFiles(source(await base), new MemoryFolder());
    await expect(read(files, { promised: 500_000 })).rejects.toThrow(
      /header adds up to 500000 bytes, but the server has 300000/,
    );
    expect(ranges).toEqual([undefined]);
  });

  it("that is all there before its header is whole is left to the loader", async () => {
    const { base, ranges } = serveContent();
    const files = new UrlFiles(source(await base), new MemoryFolder());
    expect((await read(files, { promised: Number.POSITIVE_INFINITY })).bytes.equals(CONTENT)).toBe(true);
    expect(ranges).toEqual([undefined]);
  });

  it("is gone when it is discarded", async () => {
    const { base } = serveContent();
    const folder = new MemoryFolder();
    const files = new UrlFiles(source(await base), folder);
    await read(files);
    files.discard();
    expect([folder.content.getSize(), folder.log.getSize()]).toEqual([0, 0]);
  });
});

describe("a model whose files may change on the server", () => {
  /** The three files in one version, which the ETag tells; `etag: false` leaves that out. */
  function serveVersions({ etag = true } = {}) {
    const asked: string[] = [];
    const state = { version: 1 };
    const contentOf = (name: string) => Buffer.from(`${name} ${state.version} `.repeat(1000));
    const base = served((request, response) => {
      const name = request.url?.split("/").at(-1) ?? "";
      asked.push(name);
      const content = contentOf(name);
      response.writeHead(200, {
        "content-length": content.length,
        ...(etag ? { etag: `"${state.version}"` } : {}),
      });
      response.end(content);
    });
    return { base, asked, state, contentOf };
  }

  const SMALL = ["config.json", "tokenizer.json"] as const;
  const load = async (base: string, folder: MemoryFolder, names: readonly string[]) => {
    const files = new UrlFiles(source(base), folder);
    const found: string[] = [];
    for (const name of names) {
      const promised = name === NAME ? NAME.length * 1000 + 3000 : null;
      found.push((await read(files, { promised }, name)).bytes.toString());
    }
    return found;
  };

  it("has its small files fetched anew with the weights", async () => {
    const { base, state, contentOf } = serveVersions();
    const folder = new MemoryFolder();
    await load(await base, folder, SMALL);
    state.version = 2;
    const found = await load(await base, folder, [...SMALL, NAME]);
    expect(found).toEqual([...SMALL, NAME].map((name) => contentOf(name).toString()));
  });

  it("keeps its small files once some of the weights are there", async () => {
    const { base, asked } = serveVersions();
    const folder = new MemoryFolder();
    await load(await base, folder, [...SMALL, NAME]);
    await load(await base, folder, [...SMALL, NAME]);
    expect(asked).toEqual([...SMALL, NAME]);
  });

  /** Everything is stored, and then a byte of config.json is spoilt. */
  async function damaged(options = {}) {
    const server = serveVersions(options);
    const folder = new MemoryFolder();
    await load(await server.base, folder, [...SMALL, NAME]);
    const { bytes } = folder.handle("config.json");
    bytes[5] = 0;
    await expect(load(await server.base, folder, SMALL)).rejects.toThrow(
      /stored copy of config\.json is damaged/,
    );
    server.asked.length = 0;
    return { ...server, folder };
  }

  it("has one of them mended from the same version", async () => {
    const { base, asked, folder } = await damaged();
    await load(await base, folder, [...SMALL, NAME]);
    expect(asked).toEqual(["config.json"]);
  });

  it.each([
    ["another version", {}, 2],
    ["what may be another", { etag: false }, 1],
  ])("is not mended with %s: all of it comes anew", async (_, options, version) => {
    const { base, state, folder, contentOf } = await damaged(options);
    state.version = version;
    const files = new UrlFiles(source(await base), folder);
    await expect(read(files, { promised: null }, "config.json")).rejects.toBeInstanceOf(StartOver);
    const before = folder.content.bytes;
    for (const name of SMALL) await read(files, { promised: null }, name);
    expect(folder.content.bytes).toEqual(before);
    const all = contentOf(NAME);
    expect((await read(files, { promised: all.length })).bytes.equals(all)).toBe(true);
    for (const name of [...SMALL, NAME]) {
      expect(all.equals(folder.content.bytes)).toBe(true);
      expect(contentOf(name).equals(folder.handle(name).bytes)).toBe(true);
    }
  });
});

describe("a known file", () => {
  /** The hub's model, which the server at `base` answers for. */
  async function known(base: Promise<string>, id: string = HUB_ID) {
    const [there, real] = [await base, fetch];
    vi.stubGlobal("fetch", (url: string, init: RequestInit) =>
      real(url.replace(hub.base, `${there}/`), init),
    );
    return urlSource(id) as Extract<ModelSource, { kind: "url" }>;
  }

  it.each([HUB_ID, `url:${hub.base}`, `url:${hub.base.slice(0, -1)}#there`])(
    "is known by its address (%s)",
    async (id) => {
      const { base } = serveContent();
      await expect(read(new UrlFiles(await known(base, id), new MemoryFolder()))).rejects.toThrow(
        /expected 548105171 bytes/,
      );
    },
  );

  it("of which a part is kept keeps it where the server sends something else", async () => {
    let cut = true;
    const { base } = serveContent((_, response) => {
      const length = cut ? hub.weights.size : 5000;
      response.writeHead(200, { "content-length": length });
      if (cut) response.write(CONTENT.subarray(0, 1000), () => setTimeout(() => response.destroy(), 50));
      else response.end(CONTENT.subarray(0, length));
      cut = false;
      return true;
    });
    const folder = new MemoryFolder();
    await expect(
      read(new UrlFiles(await known(base), folder), { promised: hub.weights.size }),
    ).rejects.toMatchObject({
      name: "VerifyError",
      message: expect.stringMatching(/the server announces 5000.*1 kB of 548 MB of model\.saf\S+ are kept/),
    });
    expect(folder.content.getSize()).toBe(1000);
  });

  it("of another size is refused before it is read", async () => {
    const { base } = serveContent();
    const folder = new MemoryFolder();
    await expect(read(new UrlFiles(await known(base), folder))).rejects.toMatchObject({
      name: "VerifyError",
      again: true,
      message: expect.stringMatching(/expected 548105171 bytes, the server announces 300000/),
    });
    expect(folder.content.getSize()).toBe(0);
  });

  it("with another hash is refused, and dropped", async () => {
    const { base } = serveContent((_, response) => {
      response.writeHead(200, { etag: '"1"' }).end(CONTENT);
      return true;
    });
    const folder = new MemoryFolder();
    await expect(read(new UrlFiles(await known(base), folder))).rejects.toMatchObject({
      name: "VerifyError",
      again: true,
      message: expect.stringMatching(/expected SHA-256 248dfc39.*found [0-9a-f]{64} \(300000 bytes\)/),
    });
    expect(folder.content.getSize()).toBe(0);
  });

  it("has no known hash for its small files", async () => {
    const { base } = serveContent();
    const files = new UrlFiles(await known(base), new MemoryFolder());
    expect((await read(files, {}, "config.json")).bytes.equals(CONTENT)).toBe(true);
  });
});

describe("a file in a folder", () => {
  const inFolder = (path: string, content: Uint8Array<ArrayBuffer>) => {
    const file = new File([content], path.split("/").at(-1) ?? "");
    Object.defineProperty(file, "webkitRelativePath", { value: path });
    return file;
  };
  const small = new TextEncoder().encode("{}");
  const picked = (...files: File[]) => {
    const others = ["config.json", "tokenizer.json", NAME].filter(
      (name) => !files.some((it) => it.name === name),
    );
    const all = [...files, ...others.map((name) => inFolder(`gpt2/${name}`, small))];
    return new FolderFiles(folderSource(all) as Extract<ModelSource, { kind: "folder" }>);
  };

  it("is read from the folder's top", async () => {
    const files = picked(inFolder(`gpt2/old/${NAME}`, small), inFolder(`gpt2/${NAME}`, CONTENT));
    expect((await read(files)).bytes.equals(CONTENT)).toBe(true);
  });

  it("can be cancelled between two chunks", async () => {
    const cancel = new AbortController();
    const each = () => cancel.abort(new Error("stop"));
    const files = picked(inFolder(`gpt2/${NAME}`, CONTENT));
    await expect(read(files, { signal: cancel.signal, each })).rejects.toThrow("stop");
  });

  it("that changed on disk asks for the folder again", async () => {
    const changed = inFolder("gpt2/config.json", small);
    changed.stream = () => new ReadableStream({ start: (it) => it.error(new Error("could not be read")) });
    await expect(read(picked(changed), {}, "config.json")).rejects.toMatchObject({
      name: "DownloadError",
      message: expect.stringMatching(
        /config\.json could not be read.*could not be read.*pick the folder again/,
      ),
    });
  });
});
