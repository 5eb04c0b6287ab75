// What this browser's storage holds, for the page's list. One model that cannot be read hides no other one.

import { messageOf } from "../../door/errors.ts";
import type { StorageReport, StoredModel } from "../../door/protocol.ts";
import { INDEX, WEIGHTS, wanted } from "../file-names.ts";
import { type Checkpoint, type FileOrigin, parseJournal, sizeOf } from "./journal.ts";
import { asUnstorable, estimate, LOG, modelsFolder, Unstorable } from "./store.ts";

export async function storageReport(): Promise<StorageReport> {
  const models = await modelsFolder().catch(asUnstorable);
  if (models instanceof Unstorable) {
    return { unavailable: `Models are not kept: ${models.message}.`, models: [], usage: null, quota: null };
  }
  const stored: StoredModel[] = [];
  let unavailable: string | null = null;
  try {
    for await (const [key, handle] of models.entries()) {
      const model = await storedModel(key, handle).catch((error) => unreadable(key, messageOf(error)));
      if (model !== null) stored.push(model);
    }
  } catch (error) {
    unavailable = `The list of stored models could not be read to its end (${messageOf(error)}).`;
  }
  const { usage = null, quota = null } = await estimate();
  const newestFirst = (a: StoredModel, b: StoredModel) => b.date.localeCompare(a.date);
  return { unavailable, models: stored.sort(newestFirst), usage, quota };
}

function unreadable(key: string, why: string, bytes = 0): StoredModel {
  const unknown = { id: "", revision: null, total: null, date: "", sha256: null };
  return { key, ...unknown, bytes, complete: false, unreadable: why };
}

/** Where the files of a model that are there as a whole are from. */
export async function originsOf(key: string): Promise<Map<string, FileOrigin>> {
  const models = await modelsFolder();
  const { files } = await filesIn(await models.getDirectoryHandle(key));
  return new Map(files.filter(({ last }) => last.complete).map(({ name, origin }) => [name, origin]));
}

interface StoredFile {
  name: string;
  origin: FileOrigin;
  last: Checkpoint;
}

/** From the journals alone. Null for a folder in which nothing is kept. */
async function storedModel(key: string, handle: FileSystemHandle): Promise<StoredModel | null> {
  if (handle.kind !== "directory") return unreadable(key, "it is no folder");
  const { files, index, bytes } = await filesIn(handle as FileSystemDirectoryHandle);
  const [first] = files;
  if (first !== undefined) return described(key, first.origin, files, index);
  return bytes === 0 ? null : unreadable(key, "nothing tells any more what it is", bytes);
}

/** Those with a journal; the index's text; the bytes of all. */
async function filesIn(
  folder: FileSystemDirectoryHandle,
): Promise<{ files: StoredFile[]; index: string | null; bytes: number }> {
  const files: StoredFile[] = [];
  let index: string | null = null;
  let bytes = 0;
  for await (const [name, entry] of folder.entries()) {
    if (entry.kind !== "file") continue;
    const file = await (entry as FileSystemFileHandle).getFile();
    if (name === INDEX) index = await file.text();
    if (!name.endsWith(LOG)) {
      bytes += file.size;
      continue;
    }
    const { origin, checkpoints } = parseJournal(new Uint8Array(await file.arrayBuffer()));
    const last = checkpoints.at(-1);
    if (origin !== null && last !== undefined) files.push({ name: name.slice(0, -LOG.length), origin, last });
  }
  return { files, index, bytes };
}

function described(
  key: string,
  { id, revision }: FileOrigin,
  files: StoredFile[],
  index: string | null,
): StoredModel {
  const names = wanted(
    files.map(({ name }) => name),
    index,
  );
  const known = names.map((name) => files.find((file) => file.name === name));
  const sizes = known.map((file) =>
    file?.last.complete ? file.last.bytes : file && sizeOf(file.origin, file.last.bytes),
  );
  const allKnown = sizes.every((size) => typeof size === "number");
  const weights = files.find(({ name }) => name === WEIGHTS)?.last;
  return {
    key,
    id,
    revision,
    bytes: sum(files.map(({ last }) => last.bytes)),
    total: allKnown ? sum(sizes as number[]) : null,
    complete: known.every((file) => file?.last.complete === true),
    date: files.map(({ last }) => last.date).reduce((a, b) => (a > b ? a : b)),
    sha256: weights?.complete ? weights.sha256 : null,
    unreadable: null,
  };
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
