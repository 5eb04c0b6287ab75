import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { NamedError } from "../door/errors.ts";
import type { LoadStep } from "../door/protocol.ts";
import { folderSource, type ModelSource, urlSource } from "../door/sources.ts";
import { hashOf, MemoryFolder, newHash, served } from "../files/testing.ts";
import { readModel } from "./read-model.ts";

const folder = vi.hoisted(() => ({ now: null as unknown }));
vi.mock("../files/storage/store.ts", async (original) => ({
  ...(await original<object>()),
  withModelFolder: ({ work }: { work: (folder: unknown) => Promise<unknown> }) => work(folder.now),
}));

/** What the loader was given, in order. */
let given: string[] = [];
let hasRoom = true;
/** A file's first byte is its length in hundreds of bytes: its header. */
class Loader {
  #bytes = 0;
  #total = Number.POSITIVE_INFINITY;

  constructor(_: unknown, config: string, tokenizer: Uint8Array) {
    given.push(config, new TextDecoder().decode(tokenizer));
  }

  makeRoom() {
    if (!hasRoom) throw new NamedError("DeviceError", "this model does not fit");
  }

  nextFile(name: string) {
    given.push(name);
    this.#bytes = 0;
    this.#total = Number.POSITIVE_INFINITY;
  }

  push(chunk: Uint8Array) {
    if (this.#bytes === 0) this.#total = 100 * (chunk[0] ?? 0);
    this.#bytes += chunk.byteLength;
    return { bytes: this.#bytes, total: this.#total, tensor: "" };
  }

  checkWhole() {
    if (this.#bytes !== this.#total) throw new Error(`${this.#bytes} of ${this.#total} bytes`);
  }

  async finish() {
    return { notes: () => ["Passed over: score.weight."] };
  }

  free() {}
}

vi.mock("./packages.ts", () => ({
  cpuPackage: async () => ({
    Sha256: class {
      constructor() {
        Object.assign(this, newHash());
      }
    },
    Device: { cpu: () => null },
    ModelLoader: Loader,
    shardFiles: (index: Uint8Array) =>
      [...new Set(Object.values(JSON.parse(new TextDecoder().decode(index)).weight_map))].sort(),
    tokenizerFromVocabulary: (...files: Uint8Array[]) => Buffer.concat([Buffer.from("made of "), ...files]),
  }),
}));

const weights = (hundreds: number, seed = 0) =>
  new Uint8Array(100 * hundreds).map((_, i) => (i === 0 ? hundreds : (i * 7 + seed) % 256));
const [ONE, SECOND, THIRD] = [weights(30), weights(20, 1), weights(10, 2)];
const text = (content: string) => new TextEncoder().encode(content);
const INDEX = {
  metadata: { total_size: 5800 },
  weight_map: { a: "x-3.safetensors", b: "x-1.safetensors", c: "x-2.safetensors", d: "x-1.safetensors" },
};
const SHARDS = { "x-1.safetensors": ONE, "x-2.safetensors": SECOND, "x-3.safetensors": THIRD };
const CONFIG = { "config.json": text("{}") };
const WORDS = { "vocab.json": text("vocabulary "), "merges.txt": text("and merges") };
const TOKENIZER = { "tokenizer.json": text("tokenizer") };
const INDEXED = { "model.safetensors.index.json": text(JSON.stringify(INDEX)), ...SHARDS };

type Files = Record<string, Uint8Array>;

type First = (name: string, response: ServerResponse) => boolean;

/** `folder`: where alone they are, of the server's paths; `first` may answer instead, if it likes. */
async function serve(files: Files, folder = "/", first: First = () => false) {
  const asked: string[] = [];
  const there = { ...files };
  const base = await served((request, response) => {
    const name = request.url?.startsWith(folder) ? (request.url.split("/").at(-1) ?? "") : "";
    asked.push(`${request.method === "HEAD" ? "HEAD " : ""}${name}`);
    if (first(name, response)) return;
    const bytes = there[name];
    if (bytes === undefined) response.writeHead(404).end();
    else response.writeHead(200, { etag: `"${hashOf(bytes)}"`, "content-length": bytes.length }).end(bytes);
  });
  return { source: urlSource(`url:${base}`), asked, there };
}

async function load(source: ModelSource) {
  given = [];
  const steps: LoadStep[] = [];
  const report = (step: unknown) => void steps.push(step as LoadStep);
  const coming = vi.fn();
  const signal = new AbortController().signal;
  const read = await readModel({ source, head: null, device: "cpu", signal, report, coming });
  return { ...read, steps };
}

const sha256 = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest("hex");

beforeEach(() => {
  hasRoom = true;
  folder.now = new MemoryFolder();
});

describe("a model for which there is no room", () => {
  const files = { ...CONFIG, ...TOKENIZER, "model.safetensors": ONE };

  it("is refused before its weights are asked for", async () => {
    hasRoom = false;
    const { source, asked } = await serve(files);
    await expect(load(source)).rejects.toMatchObject({
      name: "DeviceError",
      message: "this model does not fit",
    });
    expect(asked).toEqual(["config.json", "tokenizer.json"]);
  });

  it("stays in storage, for another device", async () => {
    const { source, asked } = await serve(files);
    await load(source);
    hasRoom = false;
    await expect(load(source)).rejects.toMatchObject({ name: "DeviceError" });
    hasRoom = true;
    expect((await load(source)).origin.from).toBe("storage");
    expect(asked.filter((name) => name === "model.safetensors")).toHaveLength(1);
  });
});

describe("a model whose server fails for a moment", () => {
  const files = { ...CONFIG, ...TOKENIZER, "model.safetensors": weights(200) };

  it("is read, each of its files at the second try", async () => {
    const failed = new Set<string>();
    const { source } = await serve(files, "/", (name, response) => {
      if (failed.has(name)) return false;
      failed.add(name);
      response.destroy();
      return true;
    });
    const { origin, steps } = await load(source);
    expect([[...failed], origin.sha256]).toEqual([Object.keys(files), sha256(files["model.safetensors"])]);
    expect(steps.filter(({ stage }) => stage === "retry")).toHaveLength(3);
  });

  it("begins anew where its weights are others when they go on", async () => {
    const other = weights(200, 1);
    let cut = false;
    const { source, asked } = await serve(files, "/", (name, response) => {
      if (cut || name !== "model.safetensors") return false;
      cut = true;
      response.writeHead(200, { etag: '"other"', "content-length": other.length });
      response.write(other.subarray(0, 10_000), () => setTimeout(() => response.destroy(), 50));
      return true;
    });
    const { origin } = await load(source);
    expect(origin.sha256).toBe(sha256(files["model.safetensors"]));
    const [config, tokenizer, name] = Object.keys(files);
    expect(asked).toEqual([config, tokenizer, name, name, config, tokenizer, name]);
  });
});

describe("a model in several files", () => {
  it("is read in their order, known by the hash of all, and stored", async () => {
    const { source, asked } = await serve({ ...CONFIG, ...TOKENIZER, ...INDEXED });
    const { origin, steps } = await load(source);
    expect(given).toEqual(["{}", "tokenizer", "x-1.safetensors", "x-2.safetensors", "x-3.safetensors"]);
    expect([origin.bytes, origin.sha256]).toEqual([6000, sha256(ONE, SECOND, THIRD)]);
    const names = Object.keys(SHARDS);
    expect(asked).toEqual([
      "config.json",
      "tokenizer.json",
      "model.safetensors",
      "model.safetensors.index.json",
      ...names,
    ]);
    for (const { done, total } of steps) expect(total === null || done <= total).toBe(true);
    expect(steps.filter(({ what }) => what === "x-2.safetensors").at(-1)).toMatchObject({ total: 5800 });

    asked.length = 0;
    const again = await load(source);
    expect([asked, again.origin.from, again.origin.sha256]).toEqual([[], "storage", origin.sha256]);
  });

  it("of which one is missing is refused by its name", async () => {
    const { source, there } = await serve({ ...CONFIG, ...TOKENIZER, ...INDEXED });
    delete there["x-2.safetensors"];
    await expect(load(source)).rejects.toThrow(/Expected x-2\.safetensors at .*HTTP 404/);
  });

  it("is read from a folder", async () => {
    const { origin } = await load(picked({ ...CONFIG, ...TOKENIZER, ...INDEXED }));
    expect([origin.from, origin.sha256]).toEqual(["folder", sha256(ONE, SECOND, THIRD)]);
    const { "x-3.safetensors": _, ...rest } = INDEXED;
    await expect(load(picked({ ...CONFIG, ...TOKENIZER, ...rest }))).rejects.toThrow("no x-3.safetensors");
  });
});

function picked(files: Files): ModelSource {
  const inFolder = ([name, bytes]: [string, Uint8Array]) => {
    const file = new File([bytes as Uint8Array<ArrayBuffer>], name);
    Object.defineProperty(file, "webkitRelativePath", { value: `gpt2/${name}` });
    return file;
  };
  return folderSource(Object.entries(files).map(inFolder));
}

describe("a model without tokenizer.json", () => {
  const made = text("made of vocabulary and merges");

  it("has it made of its vocabulary and merges, which are stored", async () => {
    const { source, asked } = await serve({ ...CONFIG, ...WORDS, "model.safetensors": ONE });
    const { origin } = await load(source);
    expect(given[1]).toBe("made of vocabulary and merges");
    expect(origin.tokenizer_sha256).toBe(sha256(made));
    expect(asked).toEqual(["config.json", "tokenizer.json", "vocab.json", "merges.txt", "model.safetensors"]);
    asked.length = 0;
    const again = await load(source);
    expect([asked, again.origin.from, given[1]]).toEqual([[], "storage", "made of vocabulary and merges"]);
  });

  it("is read from a folder", async () => {
    const { origin } = await load(picked({ ...CONFIG, ...WORDS, "model.safetensors": ONE }));
    expect(origin.tokenizer_sha256).toBe(sha256(made));
  });

  it("nor the others is refused for want of it; with one of them, for want of the other", async () => {
    const { source, asked } = await serve({ ...CONFIG, "model.safetensors": ONE });
    await expect(load(source)).rejects.toThrow(/Expected tokenizer\.json at/);
    expect(asked).not.toContain("model.safetensors");
    const half = await serve({ ...CONFIG, "vocab.json": text("{}"), "model.safetensors": ONE });
    await expect(load(half.source)).rejects.toThrow(/Expected merges\.txt at/);
  });
});

describe("the address of a model's page on a hub that is not known", () => {
  const files = { ...CONFIG, ...TOKENIZER, "model.safetensors": ONE };
  const pageOf = (source: ModelSource) =>
    urlSource(`url:${new URL("/owner/name", (source as { base: string }).base).href}`);

  it("is that of its files", async () => {
    const { source } = await serve(files, "/owner/name/resolve/main/");
    const { origin } = await load(pageOf(source));
    expect([origin.from, origin.sha256]).toEqual(["network", sha256(ONE)]);
  });

  it("is refused as it was given where it is no such page", async () => {
    const { source } = await serve(files, "/elsewhere/");
    await expect(load(pageOf(source))).rejects.toThrow(
      /Expected config\.json at .*\/owner\/name\/config\.json/,
    );
  });
});

describe("a model for PyTorch only", () => {
  const files = { ...CONFIG, ...TOKENIZER, "pytorch_model.bin": ONE };

  it("is refused with the way to convert it", async () => {
    const { source, asked } = await serve(files);
    await expect(load(source)).rejects.toMatchObject({
      name: "BadModel",
      message: expect.stringMatching(/pytorch_model\.bin only.*save_pretrained/),
    });
    expect(asked.at(-1)).toBe("HEAD pytorch_model.bin");
    expect(() => picked(files)).toThrow(/pytorch_model\.bin only.*save_pretrained/);
  });
});
