// What a share link says of the result it was made from: which program, which model, and the mean of each
// condition. Whoever opens the link computes it again, and sees whether it comes out the same. The link may be
// anybody's: every part is bounded and checked, and a wrong one is refused by name.

import type { ExperimentResult } from "../../pkg/cpu/patchbay.js";
import type { ModelOrigin } from "../door/protocol.ts";
import { quoted, short } from "../text/format.ts";
import { unreadable } from "../text/plain-text.ts";
import { differences, type Identity } from "./identity.ts";
import type { FieldProblem } from "./session.ts";
import { APP_VERSION } from "./version.ts";

/** A link of version 0.1 has the weights' hash alone. */
export interface Headline extends Identity {
  /** The page's version. */
  app: string;
  revision: string | null;
  /** By condition, rounded to DIGITS. */
  means: Readonly<Record<string, number>>;
}

/** What a headline is made of. */
interface Made {
  result: Pick<ExperimentResult, "conditions">;
  origin: Pick<ModelOrigin, "sha256" | "config_sha256" | "tokenizer_sha256" | "revision">;
}

const DIGITS = 6;
const MAX_LENGTH = 2000;
const MAX_CONDITIONS = 40;
const MAX_NAME = 60;

/** Beside the rounding in the link. Float32 sums in another order, as on another device, move a mean by some 1e-5. */
const TOLERANCE = 1e-4;
/** Half a unit of the last digit, as a share of the figure. */
const ROUNDING = 0.5 * 10 ** (1 - DIGITS);

export function headlineOf({ result, origin }: Made, app = APP_VERSION): Headline {
  const means = Object.entries(result.conditions).map(
    ([name, { mean_diff }]) => [name, Number(mean_diff.toPrecision(DIGITS))] as const,
  );
  const { sha256, config_sha256, tokenizer_sha256, revision } = origin;
  return { app, sha256, config_sha256, tokenizer_sha256, revision, means: Object.fromEntries(means) };
}

const SHA256 = { pattern: /^[0-9a-f]{64}$/, expected: "64 hexadecimal digits" };
const RULES = {
  app: { pattern: /^\d{1,5}\.\d{1,5}\.\d{1,5}(-[0-9A-Za-z.-]{1,30})?$/, expected: "a version such as 0.1.0" },
  sha256: SHA256,
  config_sha256: { ...SHA256, optional: true },
  tokenizer_sha256: { ...SHA256, optional: true },
  revision: { pattern: /^[0-9a-f]{40}$/, expected: "40 hexadecimal digits", optional: true },
};
const PARTS = Object.keys(RULES) as (keyof typeof RULES)[];

/** As a link's further parameters. */
export function headlinePairs(headline: Headline): [string, string][] {
  const parts = PARTS.map((name): [string, string | null | undefined] => [name, headline[name]]);
  const listed = Object.entries(headline.means).map(([name, mean]) => `${name}:${mean}`);
  return [
    ...parts.filter((pair): pair is [string, string] => typeof pair[1] === "string"),
    ["means", listed.join(";")],
  ];
}

/** Takes the headline's parameters out of a link's; null where there is none. */
export function takeHeadline(given: Map<string, string>): {
  headline: Headline | null;
  problems: FieldProblem[];
} {
  const texts: Partial<Record<keyof Headline, string>> = {};
  for (const name of [...PARTS, "means"] as const) {
    const text = given.get(name);
    if (text !== undefined) texts[name] = text;
    given.delete(name);
  }
  if (Object.keys(texts).length === 0) return { headline: null, problems: [] };
  const problems: FieldProblem[] = [];
  for (const name of PARTS) {
    const text = texts[name];
    const { pattern, expected } = RULES[name];
    if (text === undefined && !("optional" in RULES[name])) problems.push(missing(name));
    if (text !== undefined && !pattern.test(text))
      problems.push({ field: name, message: `expected ${expected}, found ${quoted(text)}` });
  }
  const { app, sha256, revision = null, means, ...more } = texts;
  const read = means === undefined ? missing("means") : readMeans(means);
  if ("field" in read) problems.push(read);
  if (problems.length > 0 || "field" in read || app === undefined || sha256 === undefined)
    return { headline: null, problems };
  return { headline: { app, sha256, ...more, revision, means: read.means }, problems };
}

function missing(field: string): FieldProblem {
  return { field, message: "missing, but the link has other parts of a stored result" };
}

function readMeans(text: string): { means: Record<string, number> } | FieldProblem {
  const refuse = (message: string) => ({ field: "means", message });
  if (text.length > MAX_LENGTH)
    return refuse(`expected at most ${MAX_LENGTH} characters, found ${text.length}`);
  const entries = text.split(";");
  if (entries.length > MAX_CONDITIONS)
    return refuse(`expected at most ${MAX_CONDITIONS} conditions, found ${entries.length}`);
  const means = new Map<string, number>();
  for (const entry of entries) {
    const [, name, figure] = /^([^:]+):(-?\d{1,12}(?:\.\d{1,20})?(?:e[+-]?\d{1,2})?)$/.exec(entry) ?? [];
    if (name === undefined || figure === undefined || name.length > MAX_NAME || unreadable(name) !== null)
      return refuse(`expected condition:number, found ${quoted(entry)}`);
    if (means.has(name)) return refuse(`expected ${quoted(name)} once, found twice`);
    means.set(name, Number(figure));
  }
  // Not by assignment: a condition named __proto__ is to be a name like any other.
  return { means: Object.fromEntries(means) };
}

export interface Comparison {
  agrees: boolean;
  /** In a sentence or two. */
  verdict: string;
  /** The link's conditions. */
  rows: readonly ComparedMean[];
}

export interface ComparedMean {
  condition: string;
  stored: number;
  /** null where this result has no such condition. */
  here: number | null;
  agrees: boolean;
}

/** Conditions that the link does not have are not held against it: an earlier version may have had fewer. */
export function compareHeadline(stored: Headline, made: Made, app = APP_VERSION): Comparison {
  const here = headlineOf(made, app);
  const rows = Object.entries(stored.means).map(([condition, before]): ComparedMean => {
    const now = Object.hasOwn(here.means, condition) ? (here.means[condition] ?? null) : null;
    const agrees = now !== null && Math.abs(now - before) <= TOLERANCE + ROUNDING * Math.abs(before);
    return { condition, stored: before, here: now, agrees };
  });
  const others = rows.filter((row) => !row.agrees).length;
  const causes = likelyCauses(stored, here).join("; ");
  if (others === 0) {
    const besides = causes === "" ? "" : ` Still: ${causes}.`;
    const verdict = `This result agrees with the one stored in the link, to the ${TOLERANCE} that float32 may differ by on another device.${besides}`;
    return { agrees: true, verdict, rows };
  }
  const why =
    causes === ""
      ? "The model and the page's version are the same, as far as the link names them, so rounding on another device does not explain it: the link may have been changed."
      : `The likely cause: ${causes}.`;
  const what = `${others} of ${rows.length} ${rows.length === 1 ? "condition" : "conditions"}`;
  return {
    agrees: false,
    verdict: `This result differs from the one stored in the link, in ${what}. ${why}`,
    rows,
  };
}

/** What is not the same, the weightiest first. */
function likelyCauses(stored: Headline, here: Headline): string[] {
  const causes = differences(stored, here).map(({ part, one, other }) => {
    const what = part === "weights" ? "other weights" : `another ${part}`;
    return `${what}, SHA-256 ${short(one)} in the link and ${short(other)} here`;
  });
  if (stored.revision !== here.revision) {
    const [there, now] = [stored.revision, here.revision].map((it) => (it === null ? "none" : short(it)));
    causes.push(`another revision of the model, ${there} in the link and ${now} here`);
  }
  if (stored.app !== here.app)
    causes.push(`another version of this page, ${stored.app} in the link and ${here.app} here`);
  return causes;
}
