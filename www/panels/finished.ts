// A run of the experiment as the crate takes it, which says and writes what repeats it.

import type { ExperimentResult } from "../../pkg/cpu/patchbay.js";
import { modelName } from "../door/sources.ts";
import type { Answer } from "../store/tasks/task.ts";
import { fileName } from "./file-name.ts";

export type Run = Answer<ExperimentResult>;

export function finished({ asked, reply, date }: Run): object {
  const { report } = reply;
  const stem = ["patchbay", fileName(modelName(asked.model)), "place", report?.stem]
    .filter(Boolean)
    .join("-");
  // Means with their intervals; what else is drawn is made of the prompts' own numbers.
  const figures = report?.figures.filter(({ chart }) => chart === "dots");
  return { ...reply, id: asked.model, date, stem, report: { ...report, figures } };
}
