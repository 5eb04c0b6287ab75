// The experiment that the form asks for, in the crate's own words: its question, and what each condition does.

import type { ExperimentInfo } from "../../pkg/cpu/patchbay.js";
import { byId, describe } from "../dom.ts";
import { count } from "../format.ts";
import type { TermId } from "../glossary.ts";
import mini from "../public/models/ioi-mini/card.json";
import { term, withTerms } from "./terms.ts";

/** How figures of each experiment are read; nothing of one that the page does not know yet. */
const READING: Record<string, string> = {
  patching_positions:
    "If patching positions leaves the difference as it was, the head finds IO by name and not by place; if projecting leaves it, what the head reads is the prediction itself.",
  controls:
    "Each condition differs from another in one respect. Where a projection on random names or directions takes away as much as one on IO and S, it was not the two names that mattered. Where frozen and live LN are far apart, the size of the edited input is at work, not its direction alone. “patched at END” must be what “patched, frozen LN” or “patched, live LN” is, as the form's LN scale is frozen or live, and the no-op controls exactly 0: else do not trust the rest.",
};

let known: readonly ExperimentInfo[] = [];

/** What the crate knows, once. */
export function knowExperiments(experiments: readonly ExperimentInfo[]): void {
  known = experiments;
  const { n_layer, n_head } = mini.spec;
  byId("mini-shape", HTMLElement).textContent =
    `${n_layer} layers of ${n_head} heads, ${count(mini.parameters)} parameters`;
}

export function showExperiment(name: string): void {
  const { question, conditions } = experimentOf(name);
  byId("question", HTMLElement).replaceChildren(...withTerms(question));
  byId("reading", HTMLElement).textContent = READING[name] ?? "";
  const entries = conditions.map((condition) => [condition.name, condition.description] as const);
  const seen = new Set<TermId>();
  describe(byId("conditions", HTMLElement), entries, (text) => withTerms(text, seen));
}

/** A condition's name, with what it does as its explanation. */
export function conditionName(experiment: string, name: string): (Node | string)[] {
  const found = experimentOf(experiment).conditions.find((condition) => condition.name === name);
  return [found === undefined ? name : term(name, `${experiment} ${name}`, found.description)];
}

export function conditionsOf(experiment: string): string[] {
  return experimentOf(experiment).conditions.map(({ name }) => name);
}

function experimentOf(name: string): ExperimentInfo {
  const found = known.find((experiment) => experiment.name === name);
  if (!found) throw new Error(`expected the experiment ${name} to be described`);
  return found;
}
