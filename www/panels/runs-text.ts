// What the list of runs says of each, and which runs it keeps.

import { score } from "../format.ts";
import type { PageResult } from "../result.ts";
import { rowCount } from "../rows.ts";
import type { Shown } from "../shown.ts";
import { MINI_ID, modelName } from "../sources.ts";

/** A finished run in the list. */
export interface Kept {
  /** From 1, in the order in which they ended. */
  number: number;
  ended: Date;
  shown: Shown;
}

const MOST = 20;
/** Some tens of megabytes of numbers; the default run has 1350, one of 10 000 prompts with every control 330 000. */
const MOST_ROWS = 1_000_000;

/** The newest of them, the newest first; that one in any case. */
export function newest(runs: readonly Kept[]): Kept[] {
  let rows = 0;
  return runs.slice(0, MOST).filter(({ shown }, place) => {
    rows += rowCount(shown.result);
    return place === 0 || rows <= MOST_ROWS;
  });
}

/** "patching positions", from "patching_positions". */
function experimentText({ experiment }: PageResult): string {
  return experiment.replaceAll("_", " ");
}

export function titleText({ number, shown }: Kept): string {
  const { result } = shown;
  const model = result.model === MINI_ID ? MINI_ID : modelName(result.model);
  return `Run ${number}: head ${result.head.join(".")} of ${model}, ${experimentText(result)}`;
}

export function settingsText({ shown }: Kept): string {
  const { spec, device, conditions } = shown.result;
  const { n, seed, symmetric, prompt_type, prepend_bos, prompts } = spec.dataset;
  const run = conditions.clean?.diff.length ?? n;
  const generated = `${run} prompts, seed ${seed}, ${prompt_type}${symmetric ? ", symmetric" : ""}`;
  return [
    prompts === undefined ? generated : `${run} prompts of one's own, seed ${seed}`,
    prepend_bos ? "BOS" : "no BOS",
    `flip ${spec.flip}`,
    `LN scale ${spec.freeze_ln ? "frozen" : "live"}`,
    device === "gpu" ? "GPU" : "CPU",
  ].join(" · ");
}

const FEW = 3;

/** The means in short: of a few conditions each, of many the clean one and how far the others reach. */
export function meansText({ shown }: Kept): string {
  const means = Object.entries(shown.result.conditions).map(
    ([name, { mean_diff }]) => [name, mean_diff] as const,
  );
  const said = ([name, mean]: readonly [string, number]) => `${name} ${score(mean)}`;
  if (means.length <= FEW) return means.map(said).join(" · ");
  const others = means.filter(([name]) => name !== "clean").map(([, mean]) => mean);
  const range = `${others.length} edits from ${score(Math.min(...others))} to ${score(Math.max(...others))}`;
  return [...means.filter(([name]) => name === "clean").map(said), range].join(" · ");
}

export function timeText(ended: Date): string {
  return ended.toLocaleTimeString("en-GB");
}
