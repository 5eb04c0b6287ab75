// What "Which circuit?" asks: paths from every head to what reads them, or a circuit, and of that what each node adds and what
// they send each other. Each with the fields that say something beside the others, and no others.

import { computed } from "@preact/signals";
import type { CircuitResult, EdgesResult, PathResult } from "../../../pkg/cpu/patchbay.js";
import { goTo, setText, texts, textsOf } from "../../store/session.ts";
import { Task } from "../../store/tasks/task.ts";

/** The names of the tasks, as the field has them. */
export type Step = "paths" | "circuit";
export const STEP = "circuit_step";

/** The one that Run asks. */
export const step = computed((): Step => (texts.value[STEP] === "circuit" ? "circuit" : "paths"));

/** The fields that say nothing beside the others. */
export function idle(analysis: Step): string[] {
  return texts.value[`${analysis}_metric`] === "attn_score_diff" ? [] : [`${analysis}_scored`];
}

/** `fields`: whose these are. */
function asked<T>(analysis: string, fields: Step) {
  return new Task<T>({
    name: analysis,
    wants: () => {
      const all = textsOf(analysis);
      const says = Object.entries(all).filter(([name]) => !idle(fields).includes(name));
      // An answer says which step it is of, whichever is set.
      const own = says.map(([name, text]) => [name, name === STEP ? fields : text]);
      return { analysis, texts: Object.fromEntries(own) };
    },
  });
}

export const paths = asked<PathResult>("paths", "paths");
export const circuit = asked<CircuitResult>("circuit", "circuit");
export const examine = asked<CircuitResult>("examine", "circuit");
export const edges = asked<EdgesResult>("edges", "circuit");

/** Brings the question into view who writes what a head's query reads. */
export function traceQuery(layer: number, head: number): void {
  setText(STEP, "paths");
  setText("paths_receivers", `${layer}.${head}.q`);
  goTo("circuit", { arrive: true });
}
