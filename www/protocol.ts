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

export interface Step {
  phase: "load" | "run";
  step: string;
  /** Bytes while a file is read, else steps. */
  done: number;
  /** null while unknown: the bar has no end then. */
  total: number | null;
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
  /** The model was in memory already. */
  reused: boolean;
  timings_ms: { load: number; run: number };
}

/** The worker, as Comlink exposes it. */
export interface Remote {
  defaults(): Promise<Outcome<ExperimentSpec>>;
  experiments(): Promise<Outcome<ExperimentInfo[]>>;
  checkFlip(text: string): Promise<Outcome<void>>;
  preview(spec: DatasetSpec, flip: string, count: number): Promise<Outcome<Preview>>;
  run(request: RunRequest, report: Report): Promise<Outcome<RunReply>>;
  cancel(): void;
}
