// What page and worker say to each other.

import type { DeviceInfo, ModelInfo, Read, Report as Said, Work } from "../../pkg/cpu/patchbay.js";
import type { Outcome } from "./errors.ts";
import type { ModelSource } from "./sources.ts";

export const DEVICE_CHOICES = ["auto", "cpu", "webgpu"] as const;
export type DeviceChoice = (typeof DEVICE_CHOICES)[number];

export type Step = LoadStep | RunStep;

export interface RunStep {
  phase: "run";
  step: string;
  done: number;
  /** null while unknown: the bar has no end then. */
  total: number | null;
}

export interface LoadStep {
  phase: "load";
  stage: LoadStage;
  /** The file, or what else is being got. */
  what: string;
  /** Bytes of the file, those kept from an earlier run included. */
  done: number;
  total: number | null;
  /** Bytes a second, of late. */
  rate: number | null;
  /** The tensor being processed, "" while there is none. */
  tensor: string;
  /** What is processed is moved to a GPU, block by block: one phase, since both are done as bytes come. */
  uploads: boolean;
  retry: Retry | null;
}

/**
 * - wait: another tab has this model's files open
 * - fetch: the small files, the GPU's program
 * - download: bytes come from the network, and are hashed, stored and processed as they come
 * - read: the same with bytes from this browser's storage or the picked folder
 * - retry: the pause before another try
 * - verify: the hash of the whole is compared
 * - process: the model is put together
 * - compile: the GPU's kernels, which the self-check runs
 */
export type LoadStage = "wait" | "fetch" | "download" | "read" | "retry" | "verify" | "process" | "compile";

export interface Retry {
  why: string;
  attempt: number;
  of: number;
  /** The pause before the next try. No time of day: clocks are set, meanwhile too. */
  ms: number;
}

export type Report = (step: Step) => void;

/** Which model, and where it is to compute. */
export interface ModelRequest {
  source: ModelSource;
  device: DeviceChoice;
  /** Layer and head that it must have; null for any. */
  head: readonly [number, number] | null;
  /** By the page itself: a model that somebody has deleted is not fetched again for it. */
  unasked: boolean;
}

/** A request as the worker gets it. `refused`: why no GPU is to be used, or null. */
export type Sent<R extends ModelRequest> = R & { refused: string | null };

/** What is asked of a model: an analysis with the texts of its fields, which the crate reads, or a whole spec (`crate/src/job.rs`). */
export type Question =
  | { analysis: string; texts: Readonly<Record<string, string>> }
  | { spec: { analysis: string; [more: string]: unknown } };

export interface JobRequest extends ModelRequest {
  question: Question;
}

/** Takes what is there so far. */
export type Show = (partial: Said) => void;

/** What a job costs, and about how many seconds that takes on the model's device. */
export interface Cost extends Work {
  seconds: number;
  /** Of the file that it makes, where it makes one. */
  bytes?: number | undefined;
}

export interface JobReply<T> {
  /** By the crate's name, which a form may have another of. */
  analysis: string;
  result: T;
  /** What is said and drawn of it; null for those of which nothing is. */
  report: Said | null;
  /** Lines of own prompts that were left out, and why. */
  left_out: Read["left_out"];
  model: ModelInfo;
  device: DeviceInfo;
  /** Why not the GPU, where that needs saying. */
  note: string | null;
  origin: ModelOrigin;
  timings_ms: { load: number; run: number };
  /** What its steps cost. */
  work: Work;
  /** The file that it has made, where it makes one: whole, since there is no other. */
  file?: Blob | undefined;
}

/** Which weights these are, and how they came here. */
export interface ModelOrigin {
  /** "network" also where only the rest came from it. */
  from: "memory" | "site" | "network" | "storage" | "folder";
  /** Of the weights, as they were read. */
  sha256: string;
  /** Of the other two files: the same weights are another model with another of these. */
  config_sha256: string;
  tokenizer_sha256: string;
  bytes: number;
  revision: string | null;
  /** What was passed over or decided when the model was read, in sentences. */
  notes: string[];
  /** Why the model is not kept in this browser's storage, where it should have been. */
  unstored: string | null;
  /** What the time of reading went into; null for a model that was in memory. */
  load_ms: LoadTimes | null;
}

export interface LoadTimes {
  network: number;
  storage: number;
  hash: number;
  process: number;
}

/** What this browser's storage holds. */
export interface StorageReport {
  /** Why nothing can be stored, or null. */
  unavailable: string | null;
  models: StoredModel[];
  /** Bytes of this site, and how many it may have. */
  usage: number | null;
  quota: number | null;
}

export interface StoredModel {
  key: string;
  /** As in a share link. */
  id: string;
  revision: string | null;
  /** Bytes kept. */
  bytes: number;
  total: number | null;
  complete: boolean;
  /** ISO 8601: when it was last written to. */
  date: string;
  /** Of model.safetensors, once that is complete. */
  sha256: string | null;
  /** Why nothing of it can be used, nor said but its size; null for others. */
  unreadable: string | null;
}

/** Whether a stored model is still what its address has; "unknown" where the server does not say. */
export type Standing = "same" | "replaced" | "gone" | "unknown";

export interface Stood {
  /** Of the stored model. */
  key: string;
  standing: Standing;
}

/** The crate's functions, and those of them that need no model. */
export type Crate = typeof import("../../pkg/cpu/patchbay.js");
export type Pure =
  | "schemas"
  | "read"
  | "preview"
  | "pairs"
  | "vector"
  | "csv"
  | "headline"
  | "reproduction"
  | "runFile"
  | "scriptLibraries"
  | "scriptText"
  | "compareHeadline";

/** The worker, as Comlink exposes it. */
export interface Remote {
  /** A sign of life. */
  ping(): void;
  pure(name: Pure, ...args: unknown[]): Promise<Outcome<unknown>>;
  /** `show`: for those who want what is there before the end, null for others. */
  job(request: Sent<JobRequest>, report: Report, show: Show | null): Promise<Outcome<JobReply<unknown>>>;
  cost(request: Sent<JobRequest>, report: Report): Promise<Outcome<Cost>>;
  cancel(): void;
  stored(): Promise<Outcome<StorageReport>>;
  forget(key: string): Promise<Outcome<void>>;
  standing(source: ModelSource): Promise<Outcome<Stood>>;
}
