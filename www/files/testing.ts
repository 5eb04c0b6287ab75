// What the tests of this folder share: a browser's storage, its hash and a server, as far as they need them.

import { createHash } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import type { Hash, SyncHandle } from "./kept-file.ts";

/** A file in memory. `room`: bytes after which writes fail as a browser's do. */
export class MemoryHandle implements SyncHandle {
  bytes = new Uint8Array();
  closed = false;
  room = Number.POSITIVE_INFINITY;

  read(buffer: Uint8Array, { at }: { at: number }): number {
    const part = this.bytes.subarray(at, at + buffer.byteLength);
    buffer.set(part);
    return part.byteLength;
  }

  write(buffer: Uint8Array, { at }: { at: number }): number {
    if (at + buffer.byteLength > this.room) throw new DOMException("no room", "QuotaExceededError");
    this.#resize(Math.max(this.bytes.byteLength, at + buffer.byteLength));
    this.bytes.set(buffer, at);
    return buffer.byteLength;
  }

  truncate(size: number): void {
    this.#resize(size);
  }

  getSize(): number {
    return this.bytes.byteLength;
  }

  flush(): void {}

  close(): void {
    this.closed = true;
  }

  #resize(size: number): void {
    const resized = new Uint8Array(size);
    resized.set(this.bytes.subarray(0, size));
    this.bytes = resized;
  }
}

export function newHash(): Hash {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.copy().digest("hex") };
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
