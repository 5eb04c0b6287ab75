// The share link: all settings in the address's fragment, versioned, own prompts compressed, and the headline of a result
// made with them. A link comes from anybody, so every part of it is checked, and a link with any problem applies nothing.

import { batch, signal } from "@preact/signals";
import type { Field } from "../../../pkg/cpu/patchbay.js";
import { type Problem, problemOf } from "../../door/errors.ts";
import type { Lab } from "../../door/lab.ts";
import { DEVICE_CHOICES, type DeviceChoice } from "../../door/protocol.ts";
import { FOLDER_ID, MINI_ID, modelIdProblem, plainId } from "../../door/sources.ts";
import { LESSON, stepProblem } from "../../lessons/names.ts";
import { beginning, quoted } from "../../text/format.ts";
import type { Panel } from "../panel.ts";
import { message, panels } from "../run.ts";
import * as session from "../session.ts";
import { type FieldProblem, fieldsOf, saysOf, schemas, type Texts, textsOf } from "../session.ts";
import { drawnName, drawnProblem } from "./drawn.ts";
import { FIGURE } from "./figure.ts";
import { pack, unpack } from "./pack.ts";

const VERSION = "1";
/** The analysis whose fields every link has. */
export const RUN = "experiment";
/** Fragments that are places on the page. */
export const ANCHORS = { answer: "answer", settings: "settings" } as const;
/** The one where a task is answered, by its name: a question may show the answers of several. */
export const answerPlace = (task: string): string => `${ANCHORS.answer}-${task}`;
const isPlace = (fragment: string): boolean =>
  Object.hasOwn(ANCHORS, fragment) || /^answer-[a-z_]+$/.test(fragment);
/** What mail and chat programs mostly leave whole. */
export const MAX_LENGTH = 8192;
/** Bytes of own prompts, pairs or a vector: the crate reads no more either. */
const MAX_PROMPTS = 1_000_000;
/** What is compressed. */
const PACKED = ["prompts", "pairs", "patch_vector"];

/** What a link carries. */
export interface Settings {
  texts: Texts;
  model: string;
  device: DeviceChoice;
  /** The name of a panel. */
  question: string;
  /** What it says of a result that these settings gave: the crate's to write, to check and to compare. */
  headline: Texts | null;
}

export type LinkLab = Pick<Lab, "read" | "headline">;

/** What the opened link says a run's texts gave; null without such a link. */
export const promised = signal<(Pick<Settings, "texts" | "model"> & { headline: Texts }) | null>(null);

/** `#v=1&question=…`: a run's fields and, of the task's and those of `analyses` too, what is not the default. May be too long. */
export async function encode(settings: Settings, analyses: readonly string[]): Promise<string> {
  const { model, device, question, headline } = settings;
  const texts = { ...settings.texts };
  for (const name of PACKED) texts[name] = await pack(texts[name] ?? "");
  const all = [...[RUN, ...analyses].flatMap(fieldsOf), ...ofTask()];
  const fields = new Map(all.map((field) => [field.name, field] as const));
  const needed = (name: string) => fieldsOf(RUN).some((field) => field.name === name && !field.optional);
  const pairs = [...fields.values()].flatMap((field): [string, string][] => {
    const { name, default: usual } = field;
    const text = texts[name] ?? usual;
    const says = saysOf(field, texts.task ?? "ioi") && text !== usual;
    return needed(name) || says ? [[name, text]] : [];
  });
  const drawn = Object.entries(texts).filter(([name]) => drawnName(name) !== null);
  return `#${new URLSearchParams([
    ["v", VERSION],
    ["question", question],
    ["model", model],
    ...(device === "auto" ? [] : [["device", device]]),
    ...pairs,
    ...drawn,
    ...(texts[LESSON] ? [[LESSON, texts[LESSON]] as [string, string]] : []),
    ...Object.entries(headline ?? {}),
  ])}`;
}

/** What tells the task: a run is of one of them alone, most other questions of any. */
function ofTask(): Field[] {
  return fieldsOf("attention").filter(({ group }) => group === "task");
}

/**
 * Applies the address's link, or `usual` where there is none. "same": it names a question, which is in view now, and nothing
 * else; "place": one on the page.
 */
export async function openLink(
  lab: LinkLab,
  usual: Settings = opening(),
): Promise<Problem | "same" | "place" | null> {
  const { hash } = location;
  const fragment = hash.replace(/^#/, "");
  if (isPlace(fragment)) return "place";
  const tab = /^question=([^&]*)$/.exec(fragment)?.[1];
  if (tab !== undefined && panels.value.some(({ name }) => name === tab)) {
    session.question.value = tab;
    return "same";
  }
  if (tab !== undefined)
    return refusal([
      {
        field: "question",
        message: notOneOf(
          panels.value.map(({ name }) => name),
          tab,
        ),
      },
    ]);
  const found = fragment === "" ? usual : await decode(fragment, panels.value, lab);
  // Another one has been put there meanwhile.
  if (location.hash !== hash) return openLink(lab, usual);
  if (Array.isArray(found)) return refusal(found);
  apply(found);
  return null;
}

/** What a first visit opens with. */
export function opening(): Settings {
  return {
    texts: session.defaults.value,
    model: MINI_ID,
    device: "auto",
    question: panels.value[0]?.name ?? "",
    headline: null,
  };
}

export function apply({ texts, model, device, question, headline }: Settings): void {
  const news = "These settings are for a model from a folder: pick the folder, then run.";
  batch(() => {
    session.texts.value = texts;
    session.model.value = model;
    session.device.value = device;
    session.question.value = question;
    session.problems.value = [];
    promised.value = headline === null ? null : { texts: textsOf(RUN, texts), model, headline };
    message.value = model === FOLDER_ID ? { problem: null, news } : null;
  });
}

/** All of it at once. A link's own names, not the form's labels: that is what its author has to look for. */
function refusal(problems: readonly FieldProblem[]): Problem {
  const listed = problems.map(({ field, message }) => `${field}: ${message}.`);
  const text = ["This link was not applied.", ...listed].join(" ");
  return { ...problemOf(new Error(text)), name: "BadLink" };
}

/** What a link says, or all that is wrong with it. */
export async function decode(
  fragment: string,
  panels: readonly Panel[],
  lab: LinkLab,
  most = MAX_LENGTH,
): Promise<Settings | FieldProblem[]> {
  if (fragment.length > most)
    return refuse("link", `expected at most ${most} characters, found ${fragment.length}`);
  if (!/(^|&)v=/.test(fragment))
    return refuse("link", `this is not a Patchbay link: expected one with v=${VERSION} in it`);
  const given = new Map<string, string>();
  for (const pair of fragment.split("&")) {
    const [name, value] = splitPair(pair);
    if (name === null || value === null)
      return refuse(pair.split("=", 1)[0] || "link", "expected name=value with valid %-escapes");
    if (given.has(name)) return refuse(name, "expected once, found twice");
    given.set(name, value);
  }
  const version = given.get("v") ?? "";
  if (version !== VERSION)
    return refuse("v", `expected a link of version ${VERSION}, found ${quoted(version)}`);
  given.delete("v");
  // Numbers for a frame that draws them: the page computes its own.
  given.delete(FIGURE);
  return decodeFields(given, panels, lab);
}

async function decodeFields(
  given: Map<string, string>,
  panels: readonly Panel[],
  lab: LinkLab,
): Promise<Settings | FieldProblem[]> {
  const { headline: parts, problems } = await lab.headline(Object.fromEntries(given));
  for (const name of Object.keys(parts)) given.delete(name);
  const headline = Object.keys(parts).length > 0 ? parts : null;
  const found = (field: string, message: string | null) => {
    if (message !== null && !problems.some((problem) => problem.field === field))
      problems.push({ field, message });
  };
  const run = new Set(fieldsOf(RUN).map(({ name }) => name));
  const fields = new Set(schemas.value.flatMap(({ fields }) => fields.map(({ name }) => name)));
  const named = [...given.keys()];
  const unknown = named.filter(
    (name) => !BESIDE.includes(name) && !fields.has(name) && drawnName(name) === null,
  );
  if (unknown.length > 0)
    found(beginning(unknown.join(", ")), "no such field; the link may be from a newer version");
  const needed = ["model", ...fieldsOf(RUN).flatMap(({ name, optional }) => (optional ? [] : [name]))];
  const missing = needed.filter((name) => !given.has(name));
  if (missing.length > 0) found("link", `the link may have been cut off; missing: ${missing.join(", ")}`);

  const model = plainId(given.get("model") ?? MINI_ID);
  found("model", modelIdProblem(model));
  const device = DEVICE_CHOICES.find((choice) => choice === (given.get("device") ?? "auto"));
  if (device === undefined) found("device", notOneOf(DEVICE_CHOICES, given.get("device")));
  const question =
    given.get("question") ?? (headline === null ? questionOf(named, run, panels) : panels[0]?.name);
  const names = panels.map(({ name }) => name);
  if (question === undefined || !names.includes(question)) found("question", notOneOf(names, question));

  const texts: Record<string, string> = { ...session.defaults.value };
  for (const name of named) {
    const text = given.get(name) ?? "";
    const drawn = drawnName(name);
    if (drawn !== null) found(name, drawnProblem(drawn, text));
    if (fields.has(name) || drawn !== null) texts[drawn ?? name] = text;
  }
  const step = given.get(LESSON);
  if (step !== undefined) {
    found(LESSON, stepProblem(step));
    texts[LESSON] = step;
  }
  for (const name of PACKED.filter((name) => fields.has(name)))
    try {
      texts[name] = await unpack(given.get(name) ?? "", MAX_PROMPTS);
    } catch (error) {
      found(name, problemOf(error).message);
      texts[name] = "";
    }
  // An analysis beside the run gives only what it is asked itself: the run's fields are right where the run can be asked.
  const asked = schemas.value.filter(
    ({ analysis, fields }) =>
      analysis === RUN || fields.some(({ name }) => !run.has(name) && given.has(name)),
  );
  const reads = await Promise.all(asked.map(({ analysis }) => lab.read(analysis, textsOf(analysis, texts))));
  for (const [i, { problems }] of reads.entries())
    for (const { field, message } of problems)
      if (asked[i]?.analysis === RUN || !run.has(field)) found(field, message);

  if (problems.length > 0 || device === undefined || question === undefined) return problems;
  return { texts, model, device, question, headline };
}

/** What every link may have that no analysis asks. */
const BESIDE = ["model", "device", "question", LESSON];

/** The question whose own fields are named, or the first. */
function questionOf(
  named: readonly string[],
  run: ReadonlySet<string>,
  panels: readonly Panel[],
): string | undefined {
  const own = ({ analyses = [] }: Panel) =>
    analyses.flatMap(fieldsOf).flatMap(({ name, group }) => (group === "task" ? [] : [name]));
  const asks = (panel: Panel) => own(panel).some((name) => !run.has(name) && named.includes(name));
  return (panels.find(asks) ?? panels[0])?.name;
}

function notOneOf(names: readonly string[], found = ""): string {
  return `expected one of ${names.join(", ")}, found ${quoted(found)}`;
}

function refuse(field: string, message: string): FieldProblem[] {
  return [{ field: beginning(field), message }];
}

function splitPair(pair: string): [string | null, string | null] {
  const at = pair.indexOf("=");
  return at < 1 ? [null, null] : [unescaped(pair.slice(0, at)), unescaped(pair.slice(at + 1))];
}

/** Unlike URLSearchParams this refuses broken escapes instead of guessing. */
function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}
