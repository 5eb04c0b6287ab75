// Two runs side by side: the settings that differ, the means, and, on the same prompts, how far prompts are apart.

import type { DatasetSpec, ExperimentResult, Table } from "../../../pkg/cpu/patchbay.js";
import { modelName } from "../../door/sources.ts";
import { differences } from "../../store/runs/identity.ts";
import type { Kept } from "../../store/runs/runs.ts";
import { schemas } from "../../store/session.ts";
import { score, short, small } from "../../text/format.ts";
import type { DataTableProps } from "../../ui/tables/data-table.tsx";
import { experimentOf } from "./words.ts";

type Cells = Pick<Table, "header" | "rows">;
type Pair<T> = readonly [T, T];

/** A row a setting that differs: its name, what it is in the one and in the other. `title`: of a panel. */
export function differingSettings(pair: Pair<Kept>, title: (panel: string) => string): string[][] {
  const [one, other] = pair;
  const [ours, theirs] = [textsOf(one), textsOf(other)];
  const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
  const rows = [
    ["Question", ...pair.map(({ panel }) => title(panel))],
    ["Model", ...pair.map(({ answer }) => modelName(answer.asked.model))],
    ...names
      .filter((name) => ours[name] !== theirs[name])
      .map((name) => [
        labelOf(name),
        said(name, one),
        `${said(name, other)}${name === "prompts" ? others(pair) : ""}`,
      ]),
    ["Computed on", ...pair.map(({ answer }) => answer.reply.device.device.toUpperCase())],
    ["Version of this page", ...pair.map(({ version }) => version)],
  ].filter(([, here, there]) => here !== there);
  const hashes = differences(one.answer.reply.origin, other.answer.reply.origin).map(({ part, ...found }) => [
    `SHA-256 of the ${part}`,
    short(found.one),
    short(found.other),
  ]);
  return [...rows, ...hashes];
}

function textsOf({ answer }: Kept): Readonly<Record<string, string>> {
  const { question } = answer.asked;
  return "texts" in question ? question.texts : {};
}

const fieldOf = (name: string) =>
  schemas.value.flatMap(({ fields }) => fields).find((field) => field.name === name);

const labelOf = (name: string) => fieldOf(name)?.label ?? name;

/** What a field was set to, in the form's words. */
function said(name: string, run: Kept): string {
  const text = textsOf(run)[name];
  if (text === undefined) return "–";
  if (name === "prompts") return text === "" ? "generated" : `${ownOf(run)?.length ?? "some"} of one's own`;
  const place = ["layer", "head"].indexOf(name);
  const used = experimentOf(run)?.head[place];
  if (text === "" && place >= 0) return used === undefined ? "the model's own" : `${used}, the model's own`;
  const kind = fieldOf(name)?.kind;
  const choice = kind?.is === "choice" ? kind.choices.find(({ value }) => value === text) : undefined;
  return choice?.label ?? text;
}

/** The prompts of one's own that were run: not every line of the text is one. */
function ownOf({ answer }: Kept): readonly object[] | undefined {
  const { spec } = answer.reply.result as { spec?: { dataset?: DatasetSpec } };
  return spec?.dataset?.prompts;
}

/** Said after as many as in the one, where they are not the same. */
function others([one, other]: Pair<Kept>): string {
  const [ours, theirs] = [ownOf(one), ownOf(other)];
  const isAsMany = ours !== undefined && ours.length === theirs?.length;
  return isAsMany && JSON.stringify(ours) !== JSON.stringify(theirs) ? ", other ones" : "";
}

/** Whether prompt i of the one is prompt i of the other. */
function samePrompts([one, other]: Pair<ExperimentResult>): boolean {
  return JSON.stringify(one.spec.dataset) === JSON.stringify(other.spec.dataset);
}

/** A row a condition of either run; "–" where only one has it. */
export function comparedMeans(results: Pair<ExperimentResult>, names: Pair<string>): Cells {
  const paired = samePrompts(results);
  const header = ["condition", ...names, "difference"];
  if (paired) header.push("mean |difference| a prompt", "largest, in prompt");
  const rows = conditionsOf(results).map((condition) => {
    const [ours, theirs] = results.map((result) => own(result, condition));
    const means = [ours, theirs].map((it) => (it === undefined ? "–" : score(it.mean_diff)));
    if (ours === undefined || theirs === undefined)
      return [condition, ...means, ...header.slice(3).map(() => "–")];
    const cells = [condition, ...means, signed(theirs.mean_diff - ours.mean_diff)];
    if (!paired) return cells;
    const sizes = ours.diff.map((value, prompt) => Math.abs((theirs.diff[prompt] ?? Number.NaN) - value));
    const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
    const where = largest === 0 ? "" : ` in ${sizes.indexOf(largest) + 1}`;
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    return [...cells, small(mean), `${small(largest)}${where}`];
  });
  return { header, rows };
}

/** By prompt, the other run's score difference minus the one's, in each condition that both have. */
export function comparedPrompts(results: Pair<ExperimentResult>): PromptRows | null {
  if (!samePrompts(results)) return null;
  const [one, other] = results;
  const conditions = conditionsOf(results).filter((name) => own(one, name) && own(other, name));
  const differenceOf = (name: string, prompt: number) => {
    const [ours, theirs] = results.map((result) => own(result, name)?.diff[prompt] ?? Number.NaN);
    return signed((theirs ?? Number.NaN) - (ours ?? Number.NaN));
  };
  return {
    header: ["prompt", ...conditions],
    count: Object.values(one.conditions)[0]?.diff.length ?? 0,
    row: (i) => [String(i + 1), ...conditions.map((name) => differenceOf(name, i))],
  };
}

/** Rows that are made when they are in view. */
type PromptRows = Pick<DataTableProps, "header" | "count" | "row">;

function conditionsOf([one, other]: Pair<ExperimentResult>): string[] {
  return [...new Set([...Object.keys(one.conditions), ...Object.keys(other.conditions)])];
}

function own({ conditions }: ExperimentResult, name: string) {
  return Object.hasOwn(conditions, name) ? conditions[name] : undefined;
}

function signed(value: number): string {
  const text = score(value);
  if (Number(text) === 0) return value === 0 ? "0" : score(0);
  return value > 0 ? `+${text}` : text;
}
