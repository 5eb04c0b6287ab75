// What page and worker say to each other. Types only.

import type {
  DatasetSpec,
  DeviceInfo,
  ExperimentInfo,
  ExperimentResult,
  ExperimentSpec,
  ModelInfo,
  Preview,
  Row,
} from "../pkg/cpu/patchbay.js";
import type { Outcome } from "./errors.ts";
import type { DeviceChoice } from "./fields.ts";
import type { ModelSource } from "./sources.ts";

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
  /** Date.now() of the next try. */
  at: number;
}

export type Report = (step: Step) => void;

export interface RunRequest {
  source: ModelSource;
  device: DeviceChoice;
  spec: ExperimentSpec;
  accuracy: boolean;
}

export interface RunReply {
  result: ExperimentResult;
  rows: Row[];
  model: ModelInfo;
  device: DeviceInfo;
  /** Why not the GPU, where that needs saying. */
  note: string | null;
  origin: ModelOrigin;
  timings_ms: { load: number; run: number };
}

/** Which weights these are, and how they came here. */
export interface ModelOrigin {
  /** "network" also where only the rest came from it. */
  from: "memory" | "site" | "network" | "storage" | "folder";
  /** Of model.safetensors, as it was read. */
  sha256: string;
  bytes: number;
  revision: string | null;
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
}

/** The worker, as Comlink exposes it. */
export interface Remote {
  defaults(): Promise<Outcome<ExperimentSpec>>;
  experiments(): Promise<Outcome<ExperimentInfo[]>>;
  checkFlip(text: string): Promise<Outcome<void>>;
  preview(spec: DatasetSpec, flip: string, count: number): Promise<Outcome<Preview>>;
  run(request: RunRequest, report: Report): Promise<Outcome<RunReply>>;
  cancel(): void;
  stored(): Promise<Outcome<StorageReport>>;
  forget(key: string): Promise<Outcome<void>>;
}
