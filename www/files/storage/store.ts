// The models in this browser's storage (the origin private file system): models/<key>/<file> and <file>.log.

import { isNamed, messageOf, NamedError } from "../../door/errors.ts";
import { within } from "../../door/limits.ts";
import { bytes as inBytes } from "../../text/format.ts";
import { KeptFile, type SyncHandle } from "./kept-file.ts";

const FOLDER = "models";
/** Longer than a disk at work takes. A storage that does not answer is gone without. */
const ANSWER_SECONDS = 20;
/** Between two signs of life of what waits for another tab. */
const WAITING_MS = 10_000;
/** Ends the names of journals. */
export const LOG = ".log";

/** A model's folder, which this tab has for itself. */
export interface ModelFolder {
  /** Opens a file, which stays open until the end. */
  file(name: string): Promise<KeptFile>;
  /** Those of which something may be there. */
  names(): Promise<string[]>;
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
    const folder = await answered(models.getDirectoryHandle(key, { create: true })).catch(asUnstorable);
    if (folder instanceof Unstorable) return work(folder);
    const open: KeptFile[] = [];
    const file = async (name: string) => {
      const opened = await openKept(folder, name);
      open.push(opened);
      return opened;
    };
    try {
      return await work({ file, names: () => namesIn(folder), lackOfRoom });
    } finally {
      for (const opened of open) opened.close();
    }
  };
  return navigator.locks.request(lockName(key), { ifAvailable: true }, async (lock) => {
    if (lock !== null) return inFolder();
    // A download of another tab's may take an hour: what waits for it gives a sign of life all the while.
    waiting();
    const signs = setInterval(waiting, WAITING_MS);
    return navigator.locks
      .request(lockName(key), { signal }, () => {
        clearInterval(signs);
        return inFolder();
      })
      .finally(() => clearInterval(signs));
  });
}

const lockName = (key: string) => `patchbay ${key}`;

async function namesIn(folder: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = [];
  for await (const [name, entry] of folder.entries()) {
    if (entry.kind !== "file" || !name.endsWith(LOG)) continue;
    const { size } = await (entry as FileSystemFileHandle).getFile();
    if (size > 0) names.push(name.slice(0, -LOG.length));
  }
  return names;
}

export async function modelsFolder(): Promise<FileSystemDirectoryHandle> {
  if (!isSecureContext) {
    throw new Unstorable("browsers keep files only for pages opened over https, or from this machine");
  }
  if (!navigator.storage?.getDirectory || !navigator.locks) {
    throw new Unstorable(
      "this browser has no storage for large files, so models are downloaded again each time",
    );
  }
  const root = await answered(navigator.storage.getDirectory());
  return answered(root.getDirectoryHandle(FOLDER, { create: true }));
}

function answered<T>(wait: Promise<T>): Promise<T> {
  const late = () => new Unstorable(`this browser's storage did not answer within ${ANSWER_SECONDS} s`);
  return within(ANSWER_SECONDS, wait, late);
}

export function asUnstorable(error: unknown): Unstorable {
  if (error instanceof Unstorable) return error;
  return new Unstorable(
    `this browser does not let the page store files (${messageOf(error)}); private windows often do not`,
  );
}

async function openKept(folder: FileSystemDirectoryHandle, name: string): Promise<KeptFile> {
  const open: SyncHandle[] = [];
  try {
    for (const each of [name, name + LOG]) open.push(await openSync(folder, each));
    const [content, log] = open as [SyncHandle, SyncHandle];
    return new KeptFile(content, log);
  } catch (error) {
    for (const handle of open) handle.close();
    throw error;
  }
}

async function openSync(folder: FileSystemDirectoryHandle, name: string): Promise<SyncHandle> {
  const file = await answered(folder.getFileHandle(name, { create: true }));
  if (!("createSyncAccessHandle" in file))
    throw new Unstorable(
      "this browser cannot write files from a worker, so the model is downloaded again next time",
    );
  const { createSyncAccessHandle } = file as { createSyncAccessHandle(): Promise<SyncHandle> };
  for (let tries = 1; ; tries++) {
    try {
      return await answered(createSyncAccessHandle.call(file));
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
export async function estimate(): Promise<StorageEstimate> {
  return answered(navigator.storage.estimate()).catch(() => ({}));
}

async function lackOfRoom(wanted: number): Promise<string | null> {
  const { usage = 0, quota } = await estimate();
  if (quota === undefined || usage + wanted <= quota) return null;
  return `this browser's limit for stored files is ${inBytes(quota)} here; ${inBytes(usage)} are used, and ${inBytes(wanted)} more are needed`;
}

/** What a failed write says about the storage. */
export function whyUnwritable(error: unknown): string {
  if (error instanceof Unstorable) return error.message;
  if (isNamed(error, "QuotaExceededError")) return "this browser's limit for stored files is reached";
  return `this browser's storage failed (${messageOf(error)})`;
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
