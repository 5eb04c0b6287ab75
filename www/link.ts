// Opening and copying share links. Opening one fills in the form; it downloads nothing, and main.ts runs it only where the
// model comes with the page.

import type { ExperimentSpec } from "../pkg/cpu/patchbay.js";
import { APP_VERSION } from "./app.ts";
import { check } from "./check.ts";
import { copyText } from "./clipboard.ts";
import { byId, element } from "./dom.ts";
import { savePrompts } from "./export.ts";
import {
  type FieldProblem,
  problemsOf,
  sameTexts,
  settingsForSpec,
  settingsOf,
  type Texts,
  textsOf,
} from "./fields.ts";
import { labelOf, markProblems, readForm, writeForm } from "./form.ts";
import { count } from "./format.ts";
import { type Headline, headlineOf } from "./headline.ts";
import type { Lab } from "./lab.ts";
import { PANEL_DEFAULTS, panelProblems } from "./panel-fields.ts";
import { readPanel, writePanel } from "./panels/decompose-form.ts";
import { clearMessage, showMessage, showProblems } from "./panels/message.ts";
import { decode, encode, MAX_LENGTH } from "./share.ts";
import { shown } from "./shown.ts";
import { Signal } from "./signal.ts";
import { FOLDER_ID } from "./sources.ts";

/** What the opened link says its settings gave; null without such a link. */
export const promised = new Signal<{ texts: Texts; headline: Headline } | null>(null);

/** Applies the address's link, if there is one. Answers with the message where it is refused. */
export async function openLink(lab: Lab, defaults: ExperimentSpec): Promise<string | null> {
  const decoded = await decode(location.hash, settingsForSpec(defaults));
  if (decoded === null) {
    // What was said about an earlier link is over.
    clearMessage();
    promised.value = null;
    return null;
  }
  const problems = "problems" in decoded ? decoded.problems : [];
  const texts = "settings" in decoded ? textsOf(decoded.settings) : decoded.texts;
  if (texts === null) return refuse(problems);
  const named = new Set(problems.map(({ field }) => field));
  const more = (await check(lab, texts, defaults, 0)).problems.filter(({ field }) => !named.has(field));
  if (problems.length + more.length > 0) return refuse([...problems, ...more]);
  clearMessage();
  writeForm(texts);
  writePanel(("settings" in decoded ? decoded.panel : undefined) ?? PANEL_DEFAULTS);
  const headline = "settings" in decoded ? decoded.headline : undefined;
  promised.value = headline === undefined ? null : { texts, headline };
  if (texts.model === FOLDER_ID) {
    showMessage("This link is for a model from a folder: pick the folder, then run.", { calm: true });
  }
  return null;
}

function refuse(problems: readonly FieldProblem[]): string {
  // A link's own names, not the form's labels: that is what its author has to look for.
  return showProblems("This link was not applied.", problems, (field) => field);
}

/** Puts the form's settings into the address and on the clipboard. */
export async function copyLink(defaults: ExperimentSpec): Promise<void> {
  const status = byId("share-status", HTMLElement);
  const field = byId("share-link", HTMLInputElement);
  field.hidden = true;
  const texts = readForm();
  const panel = readPanel();
  const problems = [...problemsOf(texts), ...panelProblems(panel)];
  if (problems.length > 0) {
    markProblems(problems);
    const [unmarked] = panelProblems(panel);
    status.textContent =
      unmarked === undefined
        ? "No link yet: mend the marked fields first."
        : `No link yet: ${labelOf(unmarked.field)}: ${unmarked.message}.`;
    return;
  }
  const encoding = encode(settingsOf(texts), settingsForSpec(defaults), headlineFor(texts), panel);
  const address = encoding.then((link) => {
    if (link.length > MAX_LENGTH) throw new TooLong(link.length);
    history.replaceState(null, "", link);
    return location.href;
  });
  try {
    await copyText(address);
    status.textContent = "Link copied.";
  } catch {
    await offer(address, texts.prompts, status, field);
  }
}

class TooLong extends Error {
  readonly length: number;

  constructor(length: number) {
    super();
    this.length = length;
  }
}

/** The link where it could not be copied: no permission, or no clipboard outside of https; or too long a link. */
async function offer(
  address: Promise<string>,
  prompts: string,
  status: HTMLElement,
  field: HTMLInputElement,
): Promise<void> {
  try {
    field.value = await address;
  } catch (error) {
    if (!(error instanceof TooLong)) throw error;
    return offerFile(status, error.length, prompts);
  }
  status.textContent = "The clipboard is not available. Copy the link from here:";
  field.hidden = false;
  field.focus();
  field.select();
}

/** A link without the prompts would be of another run. */
function offerFile(status: HTMLElement, length: number, prompts: string): void {
  const button = element(
    "button",
    { type: "button", class: "link", id: "share-prompts" },
    "Save the prompts",
  );
  button.addEventListener("click", () => savePrompts(prompts));
  status.replaceChildren(
    `No link: with these prompts it has ${count(length)} characters, and at most ${count(MAX_LENGTH)} are read. `,
    button,
    " as a file instead; it is opened again under Own prompts.",
  );
}

/** Of the shown result, where the form still says what was run. */
function headlineFor(texts: Texts): Headline | null {
  const now = shown.value;
  return now !== null && sameTexts(texts, now.asked) ? headlineOf(now.result, APP_VERSION) : null;
}
