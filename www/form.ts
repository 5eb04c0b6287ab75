// The form and the texts of its fields, in both directions, and the messages beside the fields.

import type { ExperimentSpec } from "../pkg/cpu/patchbay.js";
import { byId, controlOf, element } from "./dom.ts";
import type { FieldName, FieldProblem, Texts } from "./fields.ts";
import { FIELD_NAMES, FIELDS, headFor, isFieldName } from "./fields.ts";
import { isPanelFieldName, PANEL_FIELDS } from "./panel-fields.ts";
import { ownPromptsButton, ownPromptsText, showOwnPrompts } from "./panels/own-prompts-field.ts";
import { FOLDER_ID, folderSource, type ModelSource, plainId, URL_PREFIX, urlSource } from "./sources.ts";

const form = byId("form", HTMLFormElement);
const modelSelect = byId("model", HTMLSelectElement);
const modelUrl = byId("model-url", HTMLInputElement);
const modelFolder = byId("model-folder", HTMLInputElement);

/** What was picked, and the model made of it: picking the same folder again makes a new list, but no change event. */
let folder: { picked: FileList | null; source: ModelSource } | null = null;

// From the start: Enter before the page is ready must not send the form to the server.
form.addEventListener("submit", (event) => event.preventDefault());

export function readForm(): Texts {
  return Object.fromEntries(FIELD_NAMES.map((name) => [name, readField(name)])) as Texts;
}

function readField(name: FieldName): string {
  if (name === "prompts") return ownPromptsText();
  if (name === "model") {
    return modelSelect.value === "url" ? plainId(URL_PREFIX + modelUrl.value) : modelSelect.value;
  }
  const control = controlOf(name);
  if (control instanceof HTMLInputElement && control.type === "checkbox") return String(control.checked);
  return control.value.trim();
}

/** The head was written into its fields by hand: a model that lacks it is a mistake. */
let headTyped = false;
/** A model's own head that the page wrote there: another model is asked about the page's again. */
let followed: readonly [number, number] | null = null;

export function writeForm(texts: Texts): void {
  headTyped = false;
  for (const name of FIELD_NAMES) writeField(name, texts[name]);
  showModelParts();
}

function writeField(name: FieldName, text: string): void {
  if (name === "prompts") {
    showOwnPrompts(text);
    return;
  }
  if (name === "model") {
    // An address stays as it was typed where it is of that model.
    if (readField(name) === text) return;
    const isUrl = text.startsWith(URL_PREFIX);
    modelSelect.value = isUrl ? "url" : text;
    if (isUrl) modelUrl.value = text.slice(URL_PREFIX.length);
    return;
  }
  const control = controlOf(name);
  if (control instanceof HTMLInputElement && control.type === "checkbox") control.checked = text === "true";
  else control.value = text;
}

/** The source of the model that the form names. Throws where there is none yet. */
export function readSource(id: string): ModelSource {
  if (id !== FOLDER_ID) return urlSource(id);
  const picked = modelFolder.files;
  if (folder?.picked !== picked) folder = { picked, source: folderSource([...(picked ?? [])]) };
  return folder.source;
}

export function watchForm(
  defaults: ExperimentSpec,
  events: { edited: () => void; submitted: () => void },
): void {
  form.addEventListener("input", (event) => {
    if (event.target === modelSelect) followModel(defaults);
    if ((event.target === modelUrl || event.target === modelFolder) && followed !== null && shows(followed))
      followModel(defaults);
    if (event.target === controlOf("layer") || event.target === controlOf("head")) headTyped = true;
    showModelParts();
    events.edited();
  });
  form.addEventListener("submit", events.submitted);
}

/** Chooses a model as if by hand. */
export function chooseModel(id: string): void {
  modelSelect.value = id;
  modelSelect.dispatchEvent(new Event("input", { bubbles: true }));
  modelSelect.focus();
}

/** With another model comes its own head, unless the head was chosen by hand. */
function followModel(defaults: ExperimentSpec): void {
  const heads = [...modelSelect.options].map(({ value }) => headFor(value, defaults));
  if (followed !== null) heads.push(followed);
  if (headTyped || !heads.some(shows)) return;
  write(headFor(modelSelect.value, defaults));
}

/** Whether the form has the head that the page begins with, and nobody has written it there. */
export function headIsProposed({ layer, head }: ExperimentSpec): boolean {
  return !headTyped && shows([layer, head]);
}

/** Writes the head of the model that was run, where it lacks the page's. */
export function followHead(head: readonly [number, number]): void {
  if (headTyped) return;
  followed = head;
  write(head);
}

function write([layer, head]: readonly [number, number]): void {
  writeField("layer", String(layer));
  writeField("head", String(head));
}

function shows([layer, head]: readonly [number, number]): boolean {
  return readField("layer") === String(layer) && readField("head") === String(head);
}

function showModelParts(): void {
  byId("model-url-part", HTMLElement).hidden = modelSelect.value !== "url";
  byId("model-folder-part", HTMLElement).hidden = modelSelect.value !== FOLDER_ID;
}

/** Marks exactly these fields; a field that the page does not have is left to the message at the top. */
export function markProblems(problems: readonly FieldProblem[]): void {
  for (const name of FIELD_NAMES) {
    if (name !== "prompts") unmark(controlOf(name));
  }
  unmark(ownPromptsButton);
  unmark(modelUrl);
  unmark(modelFolder);
  for (const { field, message } of problems) {
    const control = controlFor(field);
    if (control) mark(control, message);
  }
}

/** Puts the keyboard where the first problem is. */
export function focusField(field: string): void {
  const control = controlFor(field);
  // Not further than it takes: the message above is to stay in view where it can.
  control?.focus({ preventScroll: true });
  control?.scrollIntoView({ block: "nearest" });
}

export function labelOf(field: string): string {
  if (isFieldName(field)) return FIELDS[field].label;
  return isPanelFieldName(field) ? PANEL_FIELDS[field].label : field;
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLButtonElement;

function controlFor(field: string): Control | null {
  if (!isFieldName(field)) return null;
  if (field === "prompts") return ownPromptsButton;
  if (field !== "model") return controlOf(field);
  if (modelSelect.value === "url") return modelUrl;
  return modelSelect.value === FOLDER_ID ? modelFolder : modelSelect;
}

function mark(control: Control, message: string): void {
  control.setAttribute("aria-invalid", "true");
  const id = `${control.id}-error`;
  control.setAttribute("aria-errormessage", id);
  // Few screen readers know aria-errormessage.
  control.setAttribute("aria-describedby", [...descriptions(control), id].join(" "));
  const note = element("p", { class: "field-error", id }, message);
  control.closest(".field")?.append(note);
}

function unmark(control: Control): void {
  control.removeAttribute("aria-invalid");
  control.removeAttribute("aria-errormessage");
  const id = `${control.id}-error`;
  const left = descriptions(control).filter((it) => it !== id);
  if (left.length > 0) control.setAttribute("aria-describedby", left.join(" "));
  else control.removeAttribute("aria-describedby");
  document.getElementById(id)?.remove();
}

function descriptions(control: Control): string[] {
  return (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id !== "");
}
