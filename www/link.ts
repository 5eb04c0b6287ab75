// Opening and copying share links. Opening one fills in the form; it downloads and runs nothing.

import type { ExperimentSpec } from "../pkg/cpu/patchbay.js";
import { byId } from "./dom.ts";
import { isNamed, problemOf } from "./errors.ts";
import { type FieldProblem, problemsOf, settingsForSpec, settingsOf, specOf, textsOf } from "./fields.ts";
import { markProblems, readForm, writeForm } from "./form.ts";
import type { Lab } from "./lab.ts";
import { clearMessage, showMessage, showProblems } from "./panels/message.ts";
import { decode, encode } from "./share.ts";
import { FOLDER_ID } from "./sources.ts";

/** Applies the address's link, if there is one. Answers with the message where it is refused. */
export async function openLink(lab: Lab, defaults: ExperimentSpec): Promise<string | null> {
  const decoded = decode(location.hash, settingsForSpec(defaults));
  if (decoded === null) return null;
  const problems = "problems" in decoded ? decoded.problems : await promptProblems(lab, decoded.settings);
  if (problems.length > 0) {
    // A link's own names, not the form's labels: that is what its author has to look for.
    return showProblems("This link was not applied.", problems, (field) => field);
  }
  if ("settings" in decoded) {
    clearMessage();
    writeForm(textsOf(decoded.settings));
    if (decoded.settings.model === FOLDER_ID) {
      showMessage("This link is for a model from a folder: pick the folder, then run.", { calm: true });
    }
  }
  return null;
}

/** Whether a flip can be read, or n is even where it must be, is known to the crate only. */
async function promptProblems(lab: Lab, settings: Parameters<typeof specOf>[0]): Promise<FieldProblem[]> {
  const { dataset, flip } = specOf(settings);
  try {
    await lab.preview(dataset, flip, 0);
    return [];
  } catch (error) {
    if (!isNamed(error, "BadInput")) throw error;
    const { field, message } = problemOf(error);
    return [{ field: field ?? "link", message: message.replace(/\.$/, "") }];
  }
}

/** Puts the form's settings into the address and on the clipboard. */
export async function copyLink(defaults: ExperimentSpec): Promise<void> {
  const status = byId("share-status", HTMLElement);
  const field = byId("share-link", HTMLInputElement);
  field.hidden = true;
  const texts = readForm();
  const problems = problemsOf(texts);
  if (problems.length > 0) {
    markProblems(problems);
    status.textContent = "No link yet: mend the marked fields first.";
    return;
  }
  history.replaceState(null, "", encode(settingsOf(texts), settingsForSpec(defaults)));
  try {
    await navigator.clipboard.writeText(location.href);
    status.textContent = "Link copied.";
  } catch {
    // No permission, or no clipboard outside of https.
    status.textContent = "The clipboard is not available. Copy the link from here:";
    field.value = location.href;
    field.hidden = false;
    field.focus();
    field.select();
  }
}
