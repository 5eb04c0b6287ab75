import type { Frame, ModelInfo, PatchResult, Progress, Report, Schema, Work } from "./cpu/patchbay.js";

export type {
  Figure,
  Frame,
  ModelInfo,
  PatchResult,
  Progress,
  Report,
  Schema,
  Table,
  Work,
} from "./cpu/patchbay.js";

/**
 * A folder (in Node), an address whose folder has the files, or the files' bytes by name: config.json, tokenizer.json (or
 * vocab.json and merges.txt), model.safetensors (or its index and shards).
 */
export type Source = URL | string | ReadonlyMap<string, Uint8Array> | Readonly<Record<string, Uint8Array>>;

/** An analysis with the texts of its fields ({@link schemas} lists them), or a whole spec. */
export type Question =
  | { analysis: string; texts?: Readonly<Record<string, string>> }
  | { spec: { analysis: string; [field: string]: unknown } };

export interface LoadProgress {
  step: string;
  /** Bytes of the file. */
  done: number;
  total: number | null;
}

export interface OpenOptions {
  signal?: AbortSignal;
  progress?: (progress: LoadProgress) => void;
}

export interface AskOptions {
  /** Cancels between two steps: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
  progress?: (progress: Progress) => void;
  /** What there is so far, of questions that can show it. */
  partial?: (report: Report) => void;
}

export interface Answer<T = unknown> {
  /** The numbers, as `patchbay --json` prints them. */
  result: T;
  /** What is said and drawn of them; each figure has a {@link Frame}. Null for questions of which nothing is. */
  report: Report | null;
  /** Of questions that make a file. */
  file?: Blob;
}

/** The toy model that comes with the package. */
export const MINI: URL;

/** Opens a model, the toy model where none is named. It computes on the CPU, on the thread that calls. */
export function open(source?: Source, options?: OpenOptions): Promise<Model>;

/** Every question that can be asked by texts, with its fields. */
export function schemas(): Promise<Schema[]>;

/** A figure's numbers as comma-separated values. */
export function csv(frame: Frame): Promise<string>;

export interface Model {
  readonly info: ModelInfo;
  /** What was passed over or decided when it was read, in sentences. */
  readonly notes: string[];
  /** What a question costs, in floating point operations, without asking it. */
  cost(question: Question): Work;
  ask(
    question: { analysis: "patch"; texts?: Readonly<Record<string, string>> },
    options?: AskOptions,
  ): Promise<Answer<PatchResult>>;
  ask<T = unknown>(question: Question, options?: AskOptions): Promise<Answer<T>>;
  /** Gives its memory back. */
  free(): void;
}
