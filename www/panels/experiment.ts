// The experiment that the form asks for, in the crate's own words: its question, and what each condition does.

import type { ExperimentInfo } from "../../pkg/cpu/patchbay.js";
import { byId, describe } from "../dom.ts";
import { count } from "../format.ts";
import mini from "../public/models/ioi-mini/card.json";

export function showExperiment(experiments: readonly ExperimentInfo[], name: string): void {
  const found = experiments.find((experiment) => experiment.name === name);
  if (!found) throw new Error(`expected the experiment ${name} to be described`);
  byId("question", HTMLElement).textContent = found.question;
  const { n_layer, n_head } = mini.spec;
  byId("mini-shape", HTMLElement).textContent =
    `${n_layer} layers of ${n_head} heads, ${count(mini.parameters)} parameters`;
  describe(
    byId("conditions", HTMLElement),
    found.conditions.map((condition) => [condition.name, condition.description]),
  );
}
