// A model's files as bytes that have been checked, whatever they come from: url-files.ts has those at an address, with
// this browser's storage before it, and folder-files.ts those of a folder.

import type { LoadTimes, Retry } from "../door/protocol.ts";
import type { Hash, OpenHash } from "./storage/kept-file.ts";

export interface FileProgress {
  stage: "download" | "read" | "retry" | "verify";
  name: string;
  done: number;
  /** As announced. */
  total: number | null;
  retry: Retry | null;
}

export interface FileJob {
  name: string;
  signal: AbortSignal;
  /** Of all the file's bytes in the end. */
  hash: Hash;
  newHash: () => OpenHash;
  /**
   * The size by the file's own account: Infinity while that is still to come, null for a file that has none, whose end is
   * wherever the bytes end.
   */
  promised: () => number | null;
  report: (progress: FileProgress) => void;
}

export interface ModelFiles {
  /** The file's bytes in order; each chunk is only good until the next one. At the end they are what they should be. */
  read(job: FileJob): AsyncGenerator<Uint8Array, void>;
  /** Whether there is such a file; null where nobody knows without asking a server, which `ask` does. */
  has(name: string, options?: { ask: boolean }): Promise<boolean | null>;
  /** Keeps nothing of the files, or of these: they turned out to be no model, or another version of it. */
  discard(names?: readonly string[]): void;
  /** What is kept of a file, in words; "" for nothing. */
  kept(): string;
  readonly from: "site" | "network" | "storage" | "folder";
  /** Why the files are not kept, where they should be. */
  readonly unstored: string | null;
  readonly times: LoadTimes;
}
