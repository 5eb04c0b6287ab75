// The models in this browser's storage (the origin private file system): models/<key>/<file> and <file>.log.

import { isNamed, messageOf, NamedError } from "../errors.ts";
import { bytes as inBytes } from "../format.ts";
import type { StorageReport, StoredModel } from "../protocol.ts";
import { MODEL_FILES, type ModelFile } from "../sources.ts";
import { type Checkpoint, type FileOrigin, parseJournal } from "./journal.ts";
import { KeptFile, type SyncHandle } from "./kept-file.ts";

const FOLDER = "models";
const logName = (name: string) => `${name}.log`;

/** A model's folder, which this tab has for itself. */
export interface ModelFolder {
  /** Opens a file, which stays open until the end. */
  file(name: ModelFile): Promise<KeptFile>;
  /** Why so many more bytes would not fit, or null. */
  lackOfRoom(bytes: number): Promise<string | null>;
}

/** Why models cannot be kept. */
export class Unstorable extends Error {}

interface Use<T> {
  key: string;
  signal: AbortSignal;
  /** Called if another tab has the model's files open. */
  waiting: () => void;
  work: (folder: ModelFolder | Unstorable) => Promise<T>;
}

/** `work` with a model's folder; two tabs do so one after the other. */
export async function withModelFolder<T>({ key, signal, waiting, work }: Use<T>): Promise<T> {
  const models = await modelsFolder().catch(asUnstorable);
  if (models instanceof Unstorable) return work(models);
  const inFolder = async () => {
    const folder = await models.getDirectoryHandle(key, { create: true }).catch(asUnstorable);
    if (folder instanceof Unstorable) return work(folder);
    const open: KeptFile[] = [];
    const file = async (name: ModelFile) => {
      const opened = await openKept(folder, name);
      open.push(opened);
      return opened;
    };
    try {
      return await work({ file, lackOfRoom });
    } finally {
      for (const opened of open) opened.close();
    }
  };
  return navigator.locks.request(lockName(key), { ifAvailable: true }, async (lock) => {
    if (lock !== null) return inFolder();
    waiting();
    return navigator.locks.request(lockName(key), { signal }, inFolder);
  });
}

const lockName = (key: string) => `patchbay ${key}`;

async function modelsFolder(): Promise<FileSystemDirectoryHandle> {
  if (!isSecureContext) {
    throw new Unstorable("browsers keep files only for pages opened over https, or from this machine");
  }
  if (!navigator.storage?.getDirectory || !navigator.locks) {
    throw new Unstorable("this browser has no storage for large files");
  }
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create: true });
}

function asUnstorable(error: unknown): Unstorable {
  if (error instanceof Unstorable) return error;
  return new Unstorable(
    `this browser does not let the page store files (${messageOf(error)}); private windows often do not`,
  );
}

async function openKept(folder: FileSystemDirectoryHandle, name: ModelFile): Promise<KeptFile> {
  const open: SyncHandle[] = [];
  try {
    for (const each of [name, logName(name)]) open.push(await openSync(folder, each));
    const [content, log] = open as [SyncHandle, SyncHandle];
    return new KeptFile(content, log);
  } catch (error) {
    for (const handle of open) handle.close();
    throw error;
  }
}

async function openSync(folder: FileSystemDirectoryHandle, name: string): Promise<SyncHandle> {
  const file = await folder.getFileHandle(name, { create: true });
  if (!("createSyncAccessHandle" in file))
    throw new Unstorable("this browser cannot write files from a worker");
  const { createSyncAccessHandle } = file as { createSyncAccessHandle(): Promise<SyncHandle> };
  for (let tries = 1; ; tries++) {
    try {
      return await createSyncAccessHandle.call(file);
    } catch (error) {
      // Our lock is there, so that it can only be a tab that was closed just now: the browser takes a moment.
      if (!isNamed(error, "NoModificationAllowedError") || tries === OPEN_TRIES) throw error;
      await new Promise((done) => setTimeout(done, OPEN_PAUSE_MS));
    }
  }
}

/** About a second in all. */
const OPEN_TRIES = 11;
const OPEN_PAUSE_MS = 100;

/** A browser that does not say how much room there is may still have some. */
async function estimate(): Promise<StorageEstimate> {
  return navigator.storage.estimate().catch(() => ({}));
}

async function lackOfRoom(wanted: number): Promise<string | null> {
  const { usage = 0, quota } = await estimate();
  if (quota === undefined || usage + wanted <= quota) return null;
  return `this browser's limit for stored files is ${inBytes(quota)} here; ${inBytes(usage)} are used, and ${inBytes(wanted)} more are needed`;
}

/** What a failed write says about the storage. */
export function whyUnwritable(error: unknown): string {
  if (isNamed(error, "QuotaExceededError")) return "this browser's limit for stored files is reached";
  return `this browser's storage failed (${messageOf(error)})`;
}

export async function storageReport(): Promise<StorageReport> {
  const models = await modelsFolder().catch(asUnstorable);
  if (models instanceof Unstorable) {
    return { unavailable: `Models are not kept: ${models.message}.`, models: [], usage: null, quota: null };
  }
  const stored: StoredModel[] = [];
  for await (const [key, folder] of models.entries()) {
    const model =
      folder.kind === "directory" ? await storedModel(key, folder as FileSystemDirectoryHandle) : null;
    if (model !== null) stored.push(model);
  }
  const { usage = null, quota = null } = await estimate();
  const newestFirst = (a: StoredModel, b: StoredModel) => b.date.localeCompare(a.date);
  return { unavailable: null, models: stored.sort(newestFirst), usage, quota };
}

/** From the journals alone. Null for a folder in which nothing is good. */
async function storedModel(key: string, folder: FileSystemDirectoryHandle): Promise<StoredModel | null> {
  const files: { origin: FileOrigin; last: Checkpoint }[] = [];
  let sha256: string | null = null;
  for (const name of MODEL_FILES) {
    const { origin, checkpoints } = parseJournal(await bytesOf(folder, logName(name)));
    const last = checkpoints.at(-1);
    if (origin === null || last === undefined) continue;
    files.push({ origin, last });
    if (name === "model.safetensors" && last.complete) sha256 = last.sha256;
  }
  const [first] = files;
  if (first === undefined) return null;
  const { id, revision } = first.origin;
  const sizes = files.map(({ origin, last }) => (last.complete ? last.bytes : origin.size));
  const allKnown = files.length === MODEL_FILES.length && sizes.every((size) => size !== null);
  return {
    key,
    id,
    revision,
    bytes: sum(files.map(({ last }) => last.bytes)),
    total: allKnown ? sum(sizes as number[]) : null,
    complete: files.length === MODEL_FILES.length && files.every(({ last }) => last.complete),
    date:
      files
        .map(({ last }) => last.date)
        .sort()
        .at(-1) ?? "",
    sha256,
  };
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

/** Of a small file, also while it is being written to; none where there is no such file. */
async function bytesOf(folder: FileSystemDirectoryHandle, name: string): Promise<Uint8Array> {
  try {
    const file = await (await folder.getFileHandle(name)).getFile();
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    if (isNamed(error, "NotFoundError")) return new Uint8Array();
    throw error;
  }
}

/** Deletes a model. Throws while a tab, this one included, is reading it. */
export async function forgetModel(key: string): Promise<void> {
  const models = await modelsFolder();
  await navigator.locks.request(lockName(key), { ifAvailable: true }, async (lock) => {
    if (lock === null) {
      throw new NamedError(
        "Error",
        "This model is being read, here or in another tab. Cancel that first, or wait for it.",
      );
    }
    await models.removeEntry(key, { recursive: true });
  });
}
