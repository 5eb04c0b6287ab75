// The experiment in the crate's own words: its title, its question, and what each condition does.

import type { ExperimentInfo } from "../../pkg/cpu/patchbay.js";
import { byId, describe } from "../dom.ts";

export function showExperiment(experiments: readonly ExperimentInfo[], name: string): void {
  const found = experiments.find((experiment) => experiment.name === name);
  if (!found) throw new Error(`expected the experiment ${name} to be described`);
  byId("form-title", HTMLElement).textContent = `Experiment: ${found.title.toLowerCase()}`;
  byId("question", HTMLElement).textContent = found.question;
  describe(
    byId("conditions", HTMLElement),
    found.conditions.map((condition) => [condition.name, condition.description]),
  );
}
