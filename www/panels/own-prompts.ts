// The dialog in which one's own prompts are written, pasted, checked and put to use. What is not used stays in it.

import { byId, element } from "../dom.ts";
import { messageOf, problemOf } from "../errors.ts";
import { savePrompts } from "../export.ts";
import { problemsOf, settingsOf, specOf } from "../fields.ts";
import { fitPrompts, lineText } from "../fit.ts";
import { readForm, readSource } from "../form.ts";
import { count } from "../format.ts";
import type { Lab } from "../lab.ts";
import {
  type LineProblem,
  MAX_PROMPTS,
  MAX_TEXT,
  parsePrompts,
  promptsProblem,
  promptsText,
} from "../prompts.ts";
import type { Runs } from "../run.ts";
import { shown } from "../shown.ts";
import { MINI_ID } from "../sources.ts";
import type { Task } from "../task.ts";
import { ownPromptsButton, ownPromptsText, useOwnPrompts } from "./own-prompts-field.ts";

const dialog = byId("own-dialog", HTMLDialogElement);
const area = byId("own-text", HTMLTextAreaElement);
const summary = byId("own-summary", HTMLElement);
const list = byId("own-problems", HTMLElement);
const file = byId("own-file", HTMLInputElement);

/** Lines told of at once. */
const TOLD = 100;

export class OwnPrompts {
  readonly #lab: Lab;
  readonly #runs: Runs;

  constructor(lab: Lab, runs: Runs) {
    this.#lab = lab;
    this.#runs = runs;
    ownPromptsButton.addEventListener("click", () => open());
    area.addEventListener("input", () => tell(""));
    // Esc closes the dialog; the run behind it is not meant.
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") event.stopPropagation();
    });
    const actions: Record<string, () => unknown> = {
      "own-copy": () => this.#copy(),
      "own-open": () => file.click(),
      "own-save": () => savePrompts(area.value),
      "own-use": use,
      "own-check": () => this.#check(),
      "own-close": () => dialog.close(),
    };
    for (const [id, act] of Object.entries(actions))
      byId(id, HTMLButtonElement).addEventListener("click", () => void act());
    file.addEventListener("change", () => void readFile());
  }

  /** The form's generated prompts, into the text. */
  async #copy(): Promise<void> {
    const texts = { ...readForm(), prompts: "" };
    if (problemsOf(texts).length > 0) {
      tell("Nothing was copied: mend the form's marked fields first.");
      return;
    }
    try {
      const { dataset, flip } = specOf(settingsOf(texts));
      const { sentences, n } = await this.#lab.preview(dataset, flip, MAX_PROMPTS);
      area.value = promptsText(sentences);
      const few = n > sentences.length ? `; ${count(MAX_PROMPTS)} is the most, the form has ${count(n)}` : "";
      tell(`${count(sentences.length)} prompts copied${few}.`);
    } catch (error) {
      tell(`Nothing was copied: ${problemOf(error).message}`);
    }
  }

  async #check(): Promise<void> {
    const text = area.value;
    const whole = promptsProblem(text);
    const { prompts, problems } = parsePrompts(text);
    if (whole !== null || text === "") {
      tell(wholeText(whole), problems);
      return;
    }
    const texts = { ...readForm(), prompts: text };
    // A check is no reason to download a model.
    const atHand = texts.model === MINI_ID || texts.model === shown.value?.settings.model;
    if (!atHand || problemsOf(texts).length > 0) {
      const said = counted(prompts.length, problems.length);
      tell(`${said} Tokens and length are checked at Run, with the model.`, problems);
      return;
    }
    tell("Checking…");
    try {
      const model = { source: readSource(texts.model), head: null };
      const fit = (task: Task) => fitPrompts(this.#lab, settingsOf(texts), model, task);
      const { settings, left } = await this.#runs.look(fit);
      const fitting = parsePrompts(settings.prompts).prompts.length;
      if (area.value === text) tell(counted(fitting, left.length), left);
    } catch (error) {
      if (area.value === text) tell(`No prompt can be run: ${problemOf(error).message}`, problems);
    }
  }
}

function open(): void {
  // What is in use; else what was left in the dialog.
  area.value = ownPromptsText() || area.value;
  tell("");
  dialog.showModal();
  area.focus();
}

/** No text: back to generated prompts. */
function use(): void {
  const text = area.value.trim() === "" ? "" : area.value;
  const whole = promptsProblem(text);
  if (whole === null) {
    useOwnPrompts(text);
    dialog.close();
  } else tell(wholeText(whole), parsePrompts(text).problems);
}

async function readFile(): Promise<void> {
  const [picked] = file.files ?? [];
  if (!picked) return;
  const read = await textOf(picked).catch((error) => new Error(`it cannot be read (${messageOf(error)})`));
  if (read instanceof Error) tell(`The file was not opened: ${read.message}.`);
  else {
    area.value = read;
    tell("The file's prompts are in the text.");
  }
  // So that the same file can be picked again.
  file.value = "";
}

/** An error says what is wrong with the file: what is too large to be read would only hold the page up. */
async function textOf(picked: File): Promise<string | Error> {
  if (picked.size > MAX_TEXT)
    return new Error(`expected at most ${count(MAX_TEXT)} bytes, found ${count(picked.size)}`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await picked.arrayBuffer()).trimEnd();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return new Error("expected text in UTF-8, found another encoding; save it as UTF-8");
  }
  const { tooLarge } = parsePrompts(text);
  return tooLarge === null ? text : new Error(tooLarge);
}

function wholeText(whole: string | null): string {
  return whole === null ? "No prompts: write some, or copy the generated ones." : `Not yet: ${whole}.`;
}

function counted(fitting: number, left: number): string {
  return `${count(fitting)} ${fitting === 1 ? "prompt fits" : "prompts fit"}, ${count(left)} ${left === 1 ? "line is" : "lines are"} left out.`;
}

function tell(text: string, problems: readonly LineProblem[] = []): void {
  summary.textContent = text;
  const lines = problems.slice(0, TOLD).map((problem) => element("li", {}, lineText(problem)));
  if (problems.length > TOLD)
    lines.push(element("li", {}, `and ${count(problems.length - TOLD)} more lines`));
  list.replaceChildren(...lines);
  list.hidden = lines.length === 0;
}
