// Finished runs in this browser's storage, each under a key of its own, and what is left of the records of other versions.

import { createStore, del, get, keys, set, type UseStore } from "idb-keyval";
import { FOLDER_ID, type ModelSource, urlSource } from "../../door/sources.ts";
import type { Answer } from "../tasks/task.ts";

/** A finished run. */
export interface Kept {
  key: string;
  /** From 1, in the order in which they ended. */
  number: number;
  /** The panel that asked, by its name. */
  panel: string;
  /** Of the page. */
  version: string;
  answer: Answer;
}

/** Of what is written here. */
const FORMAT = 1;

let store: UseStore | null = null;
const opened = () => (store ??= createStore("patchbay-runs", "runs"));

export async function recordKeys(): Promise<string[]> {
  return (await keys(opened())).map(String);
}

/** Null for what cannot be read: another version's, or damaged. */
export async function readRecord(key: string): Promise<Kept | null> {
  return keptOf(key, await get(key, opened()).catch(() => null));
}

/** Throws where it cannot be written: a full disk, a private window. */
export async function writeRecord({ key, answer, ...run }: Kept): Promise<void> {
  const { asked } = answer;
  await set(
    key,
    { format: FORMAT, ...run, answer: { ...answer, asked: { ...asked, source: null } } },
    opened(),
  );
}

export async function deleteRecord(key: string): Promise<void> {
  await del(key, opened());
}

function keptOf(key: string, record: unknown): Kept | null {
  if (!isRecord(record)) return null;
  const { number, panel, version, answer } = record;
  const { asked } = answer;
  try {
    const source = sourceOf(asked.model);
    // Which folder it was cannot be known any more, so it is another one than any that is picked.
    const now = asked.model === FOLDER_ID ? "" : answer.key;
    return {
      key,
      number,
      panel,
      version,
      answer: { ...answer, key: now, asked: { ...asked, source } },
    };
  } catch {
    return null;
  }
}

/** Neither a folder's files nor an address's query are kept. */
function sourceOf(model: string): ModelSource {
  return model === FOLDER_ID
    ? { kind: "folder", id: FOLDER_ID, key: "", files: new Map() }
    : urlSource(model);
}

type Shape = "string" | "number" | "object" | { readonly [name: string]: Shape };

const REPORT: Shape = {
  about: "string",
  stem: "string",
  answer: "string",
  notes: "object",
  tables: "object",
  figures: "object",
};

/** As much as the page needs in order to list a run. Of what cannot be drawn in the end, the page says so. */
const RECORD: Shape = {
  number: "number",
  panel: "string",
  version: "string",
  answer: {
    key: "string",
    date: "string",
    asked: { question: "object", model: "string", device: "string" },
    reply: {
      result: "object",
      model: "object",
      device: { device: "string" },
      origin: { sha256: "string", config_sha256: "string", tokenizer_sha256: "string" },
    },
  },
};

function isRecord(value: unknown): value is Omit<Kept, "key"> {
  if ((value as { format?: unknown } | null)?.format !== FORMAT || !fits(value, RECORD)) return false;
  const { report } = (value as Kept).answer.reply;
  return report === null || fits(report, REPORT);
}

function fits(value: unknown, shape: Shape): boolean {
  if (typeof shape === "string") return typeof value === shape && value !== null;
  if (typeof value !== "object" || value === null) return false;
  const parts = value as Record<string, unknown>;
  return Object.entries(shape).every(([name, part]) => fits(parts[name], part));
}
