// Two runs side by side: the settings that differ, the means, and, on the same prompts, how far prompts are apart.

import { FIELD_NAMES, FIELDS, textsOf } from "../fields.ts";
import { score, short, small } from "../format.ts";
import { differences } from "../identity.ts";
import type { PageResult } from "../result.ts";
import type { Shown } from "../shown.ts";
import { modelName } from "../sources.ts";
import { mean } from "../statistics.ts";
import type { TableText } from "./table.ts";

/** A row a setting that differs: its name, what it is in the one and in the other. */
export function differingSettings(one: Shown, other: Shown): string[][] {
  const [ours, theirs] = [textsOf(one.settings), textsOf(other.settings)];
  const rows = FIELD_NAMES.filter((name) => ours[name] !== theirs[name]).map((name) => {
    const say = (text: string) =>
      name === "model" ? modelName(text) : name === "experiment" ? text.replaceAll("_", " ") : text;
    return [FIELDS[name].label, say(ours[name]), say(theirs[name])];
  });
  const prompts = [one, other].map(({ result }) => JSON.stringify(result.spec.dataset.prompts ?? null));
  if (prompts[0] !== prompts[1]) {
    const say = ({ result }: Shown) =>
      result.spec.dataset.prompts === undefined ? "generated" : `${promptCount(result)} of one's own`;
    rows.push(["Prompts", say(one), say(other)]);
  }
  for (const { part, ...found } of differences(one.result.origin, other.result.origin))
    rows.push([`SHA-256 of the ${part}`, short(found.one), short(found.other)]);
  const [device, otherDevice] = [one.result.device, other.result.device];
  if (device !== otherDevice) rows.push(["Computed on", device.toUpperCase(), otherDevice.toUpperCase()]);
  return rows;
}

/** Whether prompt i of the one is prompt i of the other. */
function samePrompts(one: PageResult, other: PageResult): boolean {
  return JSON.stringify(one.spec.dataset) === JSON.stringify(other.spec.dataset);
}

/** A row a condition of either run; "–" where only one has it. */
export function comparedMeans(one: Shown, other: Shown, names: readonly [string, string]): TableText {
  const paired = samePrompts(one.result, other.result);
  const header = ["condition", ...names, "difference"];
  if (paired) header.push("mean |difference| a prompt", "largest, in prompt");
  const rows = conditionsOf(one, other).map((condition) => {
    const [ours, theirs] = [one, other].map(({ result }) => own(result, condition));
    const means = [ours, theirs].map((it) => (it === undefined ? "–" : score(it.mean_diff)));
    if (ours === undefined || theirs === undefined) {
      return [condition, ...means, ...header.slice(3).map(() => "–")];
    }
    const cells = [condition, ...means, signed(theirs.mean_diff - ours.mean_diff)];
    if (!paired) return cells;
    const sizes = ours.diff.map((value, prompt) => Math.abs((theirs.diff[prompt] ?? Number.NaN) - value));
    const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
    const where = largest === 0 ? "" : ` in ${sizes.indexOf(largest) + 1}`;
    return [...cells, small(mean(sizes)), `${small(largest)}${where}`];
  });
  return { header, rows };
}

/** More rows would only make the page slow: the CSV of each run has them all. */
export const MOST_PROMPTS = 200;

/** By prompt, the other run's score difference minus the one's, in each condition that both have. */
export function comparedPrompts(one: Shown, other: Shown): TableText | null {
  if (!samePrompts(one.result, other.result)) return null;
  const conditions = conditionsOf(one, other).filter(
    (name) => own(one.result, name) && own(other.result, name),
  );
  const count = Math.min(promptCount(one.result), MOST_PROMPTS);
  const rows = Array.from({ length: count }, (_, prompt) => [
    String(prompt + 1),
    ...conditions.map((name) => {
      const [ours, theirs] = [one, other].map(({ result }) => own(result, name)?.diff[prompt] ?? Number.NaN);
      return signed((theirs ?? Number.NaN) - (ours ?? Number.NaN));
    }),
  ]);
  return { header: ["prompt", ...conditions], rows };
}

export function promptCount({ conditions, spec }: PageResult): number {
  return conditions.clean?.diff.length ?? spec.dataset.n;
}

function conditionsOf(one: Shown, other: Shown): string[] {
  return [...new Set([...Object.keys(one.result.conditions), ...Object.keys(other.result.conditions)])];
}

function own({ conditions }: PageResult, name: string) {
  return Object.hasOwn(conditions, name) ? conditions[name] : undefined;
}

function signed(value: number): string {
  const text = score(value);
  if (Number(text) === 0) return value === 0 ? "0" : score(0);
  return value > 0 ? `+${text}` : text;
}
