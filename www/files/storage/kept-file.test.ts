import { describe, expect, it } from "vitest";
import { hashOf, MemoryHandle, newHash } from "../testing.ts";
import type { FileOrigin } from "./journal.ts";
import { KeptFile } from "./kept-file.ts";

const MIB = 1 << 20;
const CONTENT = new Uint8Array(20 * MIB).map((_, i) => (i * 7 + (i >> 13)) % 251);
const ORIGIN: FileOrigin = {
  id: "url:u",
  base: "u",
  revision: null,
  etag: '"1"',
  modified: null,
  size: CONTENT.length,
};

function open(content = new MemoryHandle(), log = new MemoryHandle()) {
  return { file: new KeptFile(content, log), content, log };
}

/** A file of the first `bytes` bytes, in pieces. */
function written(bytes: number, { complete = false } = {}) {
  const opened = open();
  const hash = newHash();
  opened.file.begin(ORIGIN);
  for (let at = 0; at < bytes; at += MIB) {
    const chunk = CONTENT.subarray(at, Math.min(at + MIB, bytes));
    hash.update(chunk);
    opened.file.append(chunk, hash);
  }
  if (complete) opened.file.checkpoint(hash, { complete });
  return { ...opened, hash };
}

const contentOf = (file: KeptFile, hash = newHash()) =>
  Buffer.concat(Array.from(file.read("f", hash), (it) => it.slice()));

describe("a kept file", () => {
  it("comes back whole, and complete", () => {
    const { content, log } = written(CONTENT.length, { complete: true });
    const again = open(content, log).file;
    expect([again.complete, again.bytes, again.origin]).toEqual([true, CONTENT.length, ORIGIN]);
    const hash = newHash();
    expect(contentOf(again, hash).equals(CONTENT)).toBe(true);
    expect(hash.hex()).toBe(hashOf(CONTENT));
  });

  it("after a crash keeps what a checkpoint vouches for, and goes on from there", () => {
    const { content, log } = written(19 * MIB);
    const { file } = open(content, log);
    expect([file.complete, file.bytes, content.getSize()]).toEqual([false, 16 * MIB, 16 * MIB]);
    const hash = newHash();
    contentOf(file, hash);
    const rest = CONTENT.subarray(16 * MIB);
    hash.update(rest);
    file.append(rest, hash);
    file.checkpoint(hash, { complete: true });
    expect(contentOf(open(content, log).file).equals(CONTENT)).toBe(true);
  });

  it("goes on after a line that a crash cut", () => {
    const { content, log } = written(16 * MIB);
    log.truncate(log.getSize() - 3);
    const { file } = open(content, log);
    expect(file.bytes).toBe(8 * MIB);
    const hash = newHash();
    contentOf(file, hash);
    hash.update(CONTENT.subarray(8 * MIB));
    file.append(CONTENT.subarray(8 * MIB), hash);
    file.checkpoint(hash, { complete: true });
    expect(contentOf(open(content, log).file).equals(CONTENT)).toBe(true);
  });

  it("that lost its end keeps the checkpoints before that", () => {
    const { content, log } = written(CONTENT.length, { complete: true });
    content.truncate(9 * MIB);
    const { file } = open(content, log);
    expect([file.complete, file.bytes]).toEqual([false, 8 * MIB]);
  });

  it("with a wrong byte says so, and drops it and what follows", () => {
    const { content, log } = written(CONTENT.length, { complete: true });
    content.bytes[10 * MIB] = 255;
    const { file } = open(content, log);
    expect(() => contentOf(file)).toThrow(/stored copy of f is damaged after byte 8388608.*run again/);
    expect([file.complete, file.bytes, content.getSize()]).toEqual([false, 8 * MIB, 8 * MIB]);
    const again = open(content, log).file;
    expect(contentOf(again).equals(CONTENT.subarray(0, 8 * MIB))).toBe(true);
  });

  it("of no bytes can be complete", () => {
    const { content, log } = written(0, { complete: true });
    expect(open(content, log).file.complete).toBe(true);
  });

  it("begun anew forgets what it was", () => {
    const { file, content, log } = written(CONTENT.length, { complete: true });
    file.begin({ ...ORIGIN, etag: '"2"' });
    expect([file.bytes, file.complete, content.getSize()]).toEqual([0, false, 0]);
    expect(open(content, log).file.origin?.etag).toBe('"2"');
  });

  it("lets a full storage be known", () => {
    const { file, content, hash } = written(MIB);
    content.room = 2 * MIB;
    expect(() => file.append(CONTENT.subarray(0, 2 * MIB), hash)).toThrow("no room");
  });
});
