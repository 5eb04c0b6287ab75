import { afterEach, describe, expect, it, vi } from "vitest";
import { type Checkpoint, type FileOrigin, journalLine } from "./journal.ts";
import { storageReport } from "./stored-models.ts";

type Content = string | Uint8Array | Error;
type Folder = Record<string, Content>;

afterEach(() => void vi.unstubAllGlobals());

const fileHandle = (content: Content) => ({
  kind: "file",
  async getFile() {
    if (content instanceof Error) throw content;
    return new File([content as string], "f");
  },
});
const folderHandle = (entries: [string, unknown][], broken: Error | null = null) => ({
  kind: "directory",
  async *entries() {
    yield* entries;
    if (broken !== null) throw broken;
  },
  async getDirectoryHandle() {
    return this;
  },
});

/** A browser's storage that holds these models. */
function storing(models: Record<string, Folder | Error>, broken: Error | null = null) {
  const folders = Object.entries(models).map(([key, files]) => {
    if (files instanceof Error) return [key, folderHandle([], files)] as [string, unknown];
    const entries = Object.entries(files).map(([name, content]) => [name, fileHandle(content)]);
    return [key, folderHandle(entries as [string, unknown][])] as [string, unknown];
  });
  const storage = {
    getDirectory: async () => folderHandle(folders, broken),
    estimate: async () => ({ usage: 1, quota: 2 }),
  };
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("navigator", { storage, locks: {} });
}

function log(bytes: number, { size = bytes as number | null, complete = true } = {}): string {
  const origin: FileOrigin = { id: "url:u", base: "u", revision: null, etag: null, modified: null, size };
  const checkpoint: Checkpoint = { bytes, sha256: "ab", date: "2026-11-20", complete };
  const lines = [origin, checkpoint].map((line) => new TextDecoder().decode(journalLine(line)));
  return lines.join("");
}

const small = { "config.json.log": log(10), "tokenizer.json.log": log(20) };
const WHOLE: Folder = { ...small, "model.safetensors.log": log(300) };
const index = JSON.stringify({ weight_map: { a: "1.safetensors", b: "2.safetensors" } });

describe("the list of stored models", () => {
  it.each([
    ["one file of weights", WHOLE, [330, 330, true, "ab"]],
    [
      "a part of it",
      { ...small, "model.safetensors.log": log(100, { size: 300, complete: false }) },
      [130, 330, false, null],
    ],
    [
      "a part that is announced with less than it has",
      { ...small, "model.safetensors.log": log(100, { size: 60, complete: false }) },
      [130, null, false, null],
    ],
    ["no weights", small, [30, null, false, null]],
    [
      "several files",
      {
        ...small,
        "model.safetensors.index.json": index,
        "model.safetensors.index.json.log": log(5),
        "1.safetensors.log": log(50),
        "2.safetensors.log": log(60),
      },
      [145, 145, true, null],
    ],
    [
      "one of several files",
      {
        ...small,
        "model.safetensors.index.json": index,
        "model.safetensors.index.json.log": log(5),
        "1.safetensors.log": log(50),
      },
      [85, null, false, null],
    ],
    [
      "a vocabulary with merges",
      {
        "config.json.log": log(10),
        "vocab.json.log": log(7),
        "merges.txt.log": log(8),
        "model.safetensors.log": log(300),
      },
      [325, 325, true, "ab"],
    ],
  ] as [string, Folder, unknown[]][])("knows %s", async (_, folder, expected) => {
    storing({ a: folder });
    const { models } = await storageReport();
    expect(models.map(({ bytes, total, complete, sha256 }) => [bytes, total, complete, sha256])).toEqual([
      expected,
    ]);
  });

  it("shows what cannot be read beside what can", async () => {
    storing({
      damaged: { "model.safetensors.log": new DOMException("disk", "NotReadableError") },
      good: WHOLE,
      unlisted: new Error("no list"),
      garbage: { "model.safetensors": new Uint8Array(500), "model.safetensors.log": "garbage" },
      empty: { "config.json": "", "config.json.log": "" },
    });
    const { models, unavailable } = await storageReport();
    const found = models.map(({ key, bytes, unreadable }) => [key, bytes, unreadable]);
    expect(found[0]).toEqual(["good", 330, null]);
    expect(found.slice(1).sort()).toEqual([
      ["damaged", 0, "disk"],
      ["garbage", 500, "nothing tells any more what it is"],
      ["unlisted", 0, "no list"],
    ]);
    expect(unavailable).toBeNull();
  });

  it("says where it cannot be read to its end", async () => {
    storing({ good: WHOLE }, new Error("gone"));
    const { models, unavailable } = await storageReport();
    expect([models.length, unavailable]).toEqual([1, expect.stringContaining("gone")]);
  });
});
