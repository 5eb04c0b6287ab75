// What the form says of one's own prompts: how many are in use, how to go back, and which fields then say nothing.

import { byId } from "../dom.ts";
import { FIELDS, textProblem } from "../fields.ts";
import { count } from "../format.ts";
import { parsePrompts } from "../prompts.ts";

export const ownPromptsButton = byId("own-prompts", HTMLButtonElement);
const status = byId("own-status", HTMLElement);
const stop = byId("own-stop", HTMLButtonElement);
const n = byId("n", HTMLInputElement);
const unused = [n, byId("prompt-type", HTMLSelectElement), byId("symmetric", HTMLInputElement)];

/** As a share link's `prompts`; "" while prompts are generated. */
let text = "";

stop.addEventListener("click", () => {
  useOwnPrompts("");
  ownPromptsButton.focus();
});

export function ownPromptsText(): string {
  return text;
}

export function showOwnPrompts(now: string): void {
  text = now;
  const inUse = text !== "";
  for (const control of unused) control.disabled = inUse;
  // What nobody can mend while it is disabled must not stand in the way of a run.
  if (inUse && textProblem(FIELDS.n, n.value.trim()) !== null) n.value = n.defaultValue;
  stop.hidden = !inUse;
  ownPromptsButton.textContent = inUse ? "Edit own prompts…" : "Own prompts…";
  status.textContent = inUse ? summary() : "";
}

/** The same, as an edit of the form. */
export function useOwnPrompts(now: string): void {
  showOwnPrompts(now);
  ownPromptsButton.dispatchEvent(new Event("input", { bubbles: true }));
}

function summary(): string {
  const { prompts, problems } = parsePrompts(text);
  const left = problems.length === 0 ? "" : ` (lines left out: ${count(problems.length)})`;
  return `Own prompts in use: ${count(prompts.length)}${left}. Number of prompts, prompt type and symmetric do not apply; the seed still decides which names a flip draws.`;
}
