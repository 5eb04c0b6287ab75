// What the list of runs says of each.

import type { ExperimentResult } from "../../../pkg/cpu/patchbay.js";
import { shortName } from "../../door/sources.ts";
import type { Kept } from "../../store/runs/runs.ts";
import { APP_VERSION } from "../../store/version.ts";
import { date, score } from "../../text/format.ts";

/** The result of the experiment, which can be compared number by number; null for other questions. */
export function experimentOf({ answer }: Kept): ExperimentResult | null {
  const result = answer.reply.result as Partial<ExperimentResult>;
  const conditions = Object.values(result.conditions ?? {});
  const whole = conditions.every(
    ({ mean_diff, diff }) => typeof mean_diff === "number" && Array.isArray(diff),
  );
  return conditions.length > 0 && whole ? (result as ExperimentResult) : null;
}

export function aboutText({ version, answer: { asked, reply } }: Kept): string {
  return [
    shortName(asked.model),
    reply.report?.about ?? "",
    reply.device.device === "gpu" ? "GPU" : "CPU",
    version === APP_VERSION ? "" : `version ${version} of this page`,
  ]
    .filter(Boolean)
    .join(" · ");
}

const FEW = 4;

/** The means in short: of a few conditions each, of many the clean one and how far the others reach; "" without any. */
export function meansText(run: Kept): string {
  const means = Object.entries(experimentOf(run)?.conditions ?? {}).map(
    ([name, { mean_diff }]) => [name, mean_diff] as const,
  );
  const said = ([name, mean]: readonly [string, number]) => `${name} ${score(mean)}`;
  if (means.length <= FEW) return means.map(said).join(" · ");
  const others = means.filter(([name]) => name !== "clean").map(([, mean]) => mean);
  const range = `${others.length} edits from ${score(Math.min(...others))} to ${score(Math.max(...others))}`;
  return [...means.filter(([name]) => name === "clean").map(said), range].join(" · ");
}

/** The time of day, and of another day that too. */
export function timeText(ended: string, now = new Date()): string {
  const when = new Date(ended);
  return when.toDateString() === now.toDateString() ? when.toLocaleTimeString("en-GB") : date(ended);
}
