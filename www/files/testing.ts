// What the tests of this folder share: a browser's storage, its hash and a server, as far as they need them.

import { createHash } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect } from "vitest";
import { type ModelSource, urlSource } from "../door/sources.ts";
import type { FileProgress, ModelFiles } from "./model-files.ts";
import { KeptFile, type OpenHash, type SyncHandle } from "./storage/kept-file.ts";
import type { ModelFolder } from "./storage/store.ts";

/** Its last bytes are like many others in it: they alone do not say where they belong. */
export const CONTENT = new Uint8Array(300_000).map((_, i) => i % 251);
const NAME = "model.safetensors";

/** A file in memory. `room`: bytes after which writes fail as a browser's do. */
export class MemoryHandle implements SyncHandle {
  closed = false;
  room = Number.POSITIVE_INFINITY;
  /** Longer than the file, which grows by small pieces. */
  #buffer = new Uint8Array();
  #size = 0;

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  read(buffer: Uint8Array, { at }: { at: number }): number {
    const part = this.bytes.subarray(at, at + buffer.byteLength);
    buffer.set(part);
    return part.byteLength;
  }

  write(buffer: Uint8Array, { at }: { at: number }): number {
    if (at + buffer.byteLength > this.room) throw new DOMException("no room", "QuotaExceededError");
    this.truncate(Math.max(this.#size, at + buffer.byteLength));
    this.bytes.set(buffer, at);
    return buffer.byteLength;
  }

  truncate(size: number): void {
    if (size > this.#buffer.byteLength) {
      const longer = new Uint8Array(2 * size);
      longer.set(this.bytes);
      this.#buffer = longer;
    }
    if (size < this.#size) this.#buffer.fill(0, size, this.#size);
    this.#size = size;
  }

  getSize(): number {
    return this.#size;
  }

  flush(): void {}

  close(): void {
    this.closed = true;
  }
}

/** A model's folder that outlives those who open it. */
export class MemoryFolder implements ModelFolder {
  readonly #handles = new Map<string, MemoryHandle>();

  handle(name: string): MemoryHandle {
    const known = this.#handles.get(name) ?? new MemoryHandle();
    this.#handles.set(name, known);
    return known;
  }

  /** Of the weights. */
  get content(): MemoryHandle {
    return this.handle(NAME);
  }

  get log(): MemoryHandle {
    return this.handle(`${NAME}.log`);
  }

  async file(name = NAME): Promise<KeptFile> {
    return new KeptFile(this.handle(name), this.handle(`${name}.log`));
  }

  async names(): Promise<string[]> {
    const logs = [...this.#handles].filter(([name, { bytes }]) => name.endsWith(".log") && bytes.length > 0);
    return logs.map(([name]) => name.slice(0, -".log".length));
  }

  lack: string | null = null;

  async lackOfRoom(): Promise<string | null> {
    return this.lack;
  }
}

export function newHash(): OpenHash {
  const hash = createHash("sha256");
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.copy().digest("hex"),
    free: () => undefined,
  };
}

export const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server for one test; answers with its base URL. */
export async function served(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/model`;
}

export const source = (base: string) => urlSource(`url:${base}`) as Extract<ModelSource, { kind: "url" }>;

/** How a test reads a file. */
interface Options {
  signal?: AbortSignal;
  /** What the file says of its size. */
  promised?: number | null;
  each?: (done: number) => void;
}

export async function read(files: ModelFiles, options: Options = {}, name = NAME) {
  const { signal = new AbortController().signal, promised = CONTENT.length, each } = options;
  const hash = newHash();
  const seen: FileProgress[] = [];
  const parts: Uint8Array[] = [];
  const job = {
    name,
    signal,
    hash,
    newHash,
    promised: () => promised,
    report: (it: FileProgress) => void seen.push(it),
  };
  let done = 0;
  for await (const chunk of files.read(job)) {
    parts.push(chunk.slice());
    done += chunk.byteLength;
    each?.(done);
  }
  expect(hash.hex()).toBe(hashOf(Buffer.concat(parts)));
  return { bytes: Buffer.concat(parts), stages: [...new Set(seen.map(({ stage }) => stage))], seen };
}
