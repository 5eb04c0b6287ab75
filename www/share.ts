// The share link: all settings in the URL's fragment, versioned, own prompts compressed, and the headline of a result made
// with them. A link comes from anybody, so every part of it is checked, and a link with any problem applies nothing.

import { problemOf } from "./errors.ts";
import type { FieldProblem, Settings, Texts } from "./fields.ts";
import { FIELD_NAMES, FIELDS, isFieldName, problemsOf, settingsOf, textsOf } from "./fields.ts";
import { beginning, quoted } from "./format.ts";
import { type Headline, headlinePairs, takeHeadline } from "./headline.ts";
import { pack, unpack } from "./pack.ts";
import {
  isPanelFieldName,
  PANEL_DEFAULTS,
  PANEL_FIELD_NAMES,
  type PanelTexts,
  panelProblems,
} from "./panel-fields.ts";
import { MAX_TEXT } from "./prompts.ts";
import { plainId } from "./sources.ts";

const VERSION = "1";
/** What mail and chat programs mostly leave whole. */
export const MAX_LENGTH = 8192;

/** A refused link's `texts` are null where it could not be taken apart. */
export type Decoded =
  | { settings: Settings; headline?: Headline; panel?: PanelTexts }
  | { problems: FieldProblem[]; texts: Texts | null };

/**
 * `#v=1&experiment=…`; `defaults` decides which optional fields need no mention. `headline`: of the result that these
 * settings gave. `panel`: only what is not the default is named. Own prompts may make it too long.
 */
export async function encode(
  settings: Settings,
  defaults: Settings,
  headline: Headline | null = null,
  panel: PanelTexts = PANEL_DEFAULTS,
): Promise<string> {
  const texts = { ...textsOf(settings), prompts: await pack(settings.prompts) };
  const named = FIELD_NAMES.filter((name) => !FIELDS[name].optional || settings[name] !== defaults[name]);
  const pairs = new URLSearchParams([
    ["v", VERSION],
    ...named.map((name) => [name, texts[name]]),
    ...PANEL_FIELD_NAMES.filter((name) => panel[name] !== PANEL_DEFAULTS[name]).map((name) => [
      name,
      panel[name],
    ]),
    ...(headline === null ? [] : headlinePairs(headline)),
  ]);
  return `#${pairs}`;
}

/** null for an empty fragment: no link at all. */
export async function decode(fragment: string, defaults: Settings): Promise<Decoded | null> {
  const text = fragment.startsWith("#") ? fragment.slice(1) : fragment;
  if (text === "") return null;
  if (text.length > MAX_LENGTH) {
    return refuse("link", `expected at most ${MAX_LENGTH} characters, found ${text.length}`);
  }
  if (!/(^|&)v=/.test(text)) {
    return refuse("link", `this is not a Patchbay link: expected one with v=${VERSION} in it`);
  }
  const given = new Map<string, string>();
  for (const pair of text.split("&")) {
    const [name, value] = splitPair(pair);
    if (name === null || value === null) {
      return refuse(nameOf(pair), "expected name=value with valid %-escapes");
    }
    if (given.has(name)) return refuse(name, "expected once, found twice");
    given.set(name, value);
  }
  const version = given.get("v");
  if (version !== VERSION) {
    return refuse("v", `expected a link of version ${VERSION}, found ${quoted(version ?? "")}`);
  }
  given.delete("v");
  return decodeFields(given, defaults);
}

async function decodeFields(given: ReadonlyMap<string, string>, defaults: Settings): Promise<Decoded> {
  const texts: Texts = textsOf(defaults);
  const fields = new Map(given);
  const { headline, problems } = takeHeadline(fields);
  const unknown: string[] = [];
  const panel: Partial<PanelTexts> = {};
  for (const [name, value] of fields) {
    if (isFieldName(name)) texts[name] = name === "model" ? plainId(value) : value;
    else if (isPanelFieldName(name)) panel[name] = value;
    else unknown.push(name);
  }
  if (unknown.length > 0) {
    const message = "no such field; the link may be from a newer version";
    problems.push({ field: beginning(unknown.join(", ")), message });
  }
  const missing = FIELD_NAMES.filter((name) => !given.has(name) && !FIELDS[name].optional);
  if (missing.length > 0) {
    const message = `the link may have been cut off; missing: ${missing.join(", ")}`;
    problems.push({ field: "link", message });
  }
  try {
    texts.prompts = await unpack(given.get("prompts") ?? "", MAX_TEXT);
  } catch (error) {
    problems.push({ field: "prompts", message: problemOf(error).message });
    texts.prompts = "";
  }
  const whole = { ...PANEL_DEFAULTS, ...panel };
  problems.push(...problemsOf(texts), ...panelProblems(whole));
  if (problems.length > 0) return { problems, texts };
  return {
    settings: settingsOf(texts),
    ...(headline === null ? {} : { headline }),
    ...(Object.keys(panel).length === 0 ? {} : { panel: whole }),
  };
}

function refuse(field: string, message: string): Decoded {
  return { problems: [{ field: beginning(field), message }], texts: null };
}

function splitPair(pair: string): [string | null, string | null] {
  const at = pair.indexOf("=");
  return at < 1 ? [null, null] : [unescaped(pair.slice(0, at)), unescaped(pair.slice(at + 1))];
}

function nameOf(pair: string): string {
  return pair.split("=", 1)[0] || "link";
}

/** Unlike URLSearchParams this refuses broken escapes instead of guessing. */
function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}
