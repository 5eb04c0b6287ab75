import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { chunksOf, fileUrl, openFile, readWhole } from "./assets.ts";
import { folderSource, type ModelSource, urlSource } from "./sources.ts";

const CONTENT = new Uint8Array(300_000).map((_, i) => i % 251);
const never = new AbortController().signal;

/** toEqual takes seconds for this many numbers. */
const same = (bytes: Uint8Array) => Buffer.from(bytes).equals(CONTENT);

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function served(handler: RequestListener): Promise<ModelSource> {
  const started = createServer(handler);
  server = started;
  await new Promise<void>((ready) => started.listen(0, "127.0.0.1", ready));
  return urlSource(`url:http://127.0.0.1:${(started.address() as AddressInfo).port}/model`);
}

const read = async (source: ModelSource, signal = never) =>
  readWhole(await openFile(source, "model.safetensors", signal), signal);

describe("a file over HTTP", () => {
  it("arrives whole, with its size known", async () => {
    const source = await served((request, response) => {
      expect(request.url).toBe("/model/model.safetensors");
      expect(request.headers.referer).toBeUndefined();
      response.writeHead(200, { "content-length": CONTENT.length }).end(CONTENT);
    });
    const file = await openFile(source, "model.safetensors", never);
    expect(file.size).toBe(CONTENT.length);
    expect(same(await readWhole(file, never))).toBe(true);
  });

  it("may come without a size", async () => {
    const source = await served((_, response) => {
      response.write(CONTENT.subarray(0, 1000));
      response.end(CONTENT.subarray(1000));
    });
    const file = await openFile(source, "model.safetensors", never);
    expect(file.size).toBeNull();
    expect(same(await readWhole(file, never))).toBe(true);
  });

  it("that is missing is an error with file, address and status", async () => {
    const source = await served((_, response) => response.writeHead(404).end("no"));
    await expect(read(source)).rejects.toMatchObject({
      name: "DownloadError",
      message: expect.stringMatching(
        /model\.safetensors at http:\/\/127\.0\.0\.1:\d+\/model\/.*HTTP 404 Not Found/,
      ),
    });
  });

  it("that breaks off is an error with both sizes", async () => {
    const source = await served((_, response) => {
      response.writeHead(200, { "content-length": CONTENT.length });
      response.write(CONTENT.subarray(0, 5000), () => setTimeout(() => response.destroy(), 20));
    });
    await expect(read(source)).rejects.toMatchObject({
      name: "DownloadError",
      message: expect.stringMatching(/broke off: expected 300000 bytes, found \d+/),
    });
  });

  it("from a server that is not there is an error that says what to check", async () => {
    const source = await served((_, response) => response.end());
    server?.close();
    server = undefined;
    await expect(read(source)).rejects.toMatchObject({
      name: "DownloadError",
      message: expect.stringMatching(/Could not fetch model\.safetensors from http.*CORS/),
    });
  });

  it("is let go of when cancelled", async () => {
    let closed = false;
    const source = await served((_, response) => {
      response.on("close", () => {
        closed = true;
      });
      response.writeHead(200, { "content-length": CONTENT.length });
      response.write(CONTENT.subarray(0, 5000));
    });
    const cancel = new AbortController();
    const file = await openFile(source, "model.safetensors", cancel.signal);
    const reading = readWhole(file, cancel.signal);
    setTimeout(() => cancel.abort(new Error("stop")), 20);
    await expect(reading).rejects.toThrow("stop");
    await expect.poll(() => closed).toBe(true);
  });

  it("is let go of when its reader stops", async () => {
    let closed = false;
    const source = await served((_, response) => {
      response.on("close", () => {
        closed = true;
      });
      response.writeHead(200, { "content-length": CONTENT.length });
      response.write(CONTENT.subarray(0, 5000));
    });
    for await (const _ of chunksOf(await openFile(source, "model.safetensors", never), never)) break;
    await expect.poll(() => closed).toBe(true);
  });
});

describe("a file in a folder", () => {
  const inFolder = (path: string, content: Uint8Array<ArrayBuffer>) => {
    const file = new File([content], path.split("/").at(-1) ?? "");
    Object.defineProperty(file, "webkitRelativePath", { value: path });
    return file;
  };
  const small = new TextEncoder().encode("{}");

  it("is read from the folder's top", async () => {
    const source = folderSource([
      inFolder("gpt2/config.json", small),
      inFolder("gpt2/tokenizer.json", small),
      inFolder("gpt2/old/model.safetensors", small),
      inFolder("gpt2/model.safetensors", CONTENT),
    ]);
    expect(same(await read(source))).toBe(true);
  });

  it("can be cancelled between two chunks", async () => {
    const source = folderSource([
      inFolder("gpt2/config.json", small),
      inFolder("gpt2/tokenizer.json", small),
      inFolder("gpt2/model.safetensors", CONTENT),
    ]);
    const cancel = new AbortController();
    const file = await openFile(source, "model.safetensors", cancel.signal);
    const reading = async () => {
      for await (const _ of chunksOf(file, cancel.signal)) cancel.abort(new Error("stop"));
    };
    await expect(reading()).rejects.toThrow("stop");
  });

  it("that changed on disk asks for the folder again", async () => {
    const changed = inFolder("gpt2/config.json", small);
    changed.stream = () => new ReadableStream({ start: (it) => it.error(new Error("could not be read")) });
    const others = ["gpt2/tokenizer.json", "gpt2/model.safetensors"].map((path) => inFolder(path, small));
    const file = await openFile(folderSource([changed, ...others]), "config.json", never);
    await expect(readWhole(file, never)).rejects.toMatchObject({
      name: "DownloadError",
      message: expect.stringMatching(/config\.json broke off.*could not be read.*pick the folder again/),
    });
  });

  it("that is not there is named, with what was found", () => {
    const picked = [inFolder("gpt2/config.json", small), inFolder("gpt2/sub/model.safetensors", small)];
    expect(() => folderSource(picked)).toThrow(
      /no tokenizer\.json and no model\.safetensors\. Expected .*; found config\.json\. Pick/,
    );
  });

  it("cannot be read before one is picked", () => expect(() => folderSource([])).toThrow(/pick the folder/));
});

describe("fileUrl", () => {
  it.each([
    ["https://example.org/m", "https://example.org/m/config.json"],
    ["https://example.org/m/", "https://example.org/m/config.json"],
    ["https://example.org", "https://example.org/config.json"],
    ["https://example.org/m?key=1#x", "https://example.org/m/config.json?key=1"],
  ])("%s", (base, url) => expect(fileUrl(base, "config.json")).toBe(url));
});
