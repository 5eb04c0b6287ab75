// The chosen prompt in full: every token with its position and id, and the flipped prompt beneath.

import type { PromptView } from "../../pkg/cpu/patchbay.js";
import { byId, element } from "../dom.ts";
import { templateKey } from "./dataset-filter.ts";
import { tokenBoxes } from "./dataset-tokens.ts";

const box = byId("dataset-detail", HTMLElement);

export function showDetail(prompt: PromptView, place: number): void {
  const { order, template, io, s, positions, flipped } = prompt;
  const made = template === null ? `${order}, own prompt` : `template ${templateKey(template)}`;
  const title = element("h3", {}, `Prompt ${place + 1}`);
  const about = element("p", { class: "hint" }, `${made} · IO ${io} · S ${s}`);
  box.replaceChildren(title, about);
  if (positions === null || flipped === null) return;
  box.append(
    // It scrolls where a prompt is long, so the keyboard must get there.
    element(
      "ol",
      { class: "token-boxes", tabindex: "0", "aria-label": "Tokens" },
      ...tokenBoxes(prompt, positions),
    ),
    element(
      "p",
      { class: "hint" },
      `Flipped: IO ${flipped.io} · S ${flipped.s}. Roles stay where they were.`,
    ),
    element(
      "ol",
      { class: "token-boxes flipped", tabindex: "0", "aria-label": "Tokens of the flipped prompt" },
      ...tokenBoxes(flipped, positions, prompt),
    ),
  );
}

export function clearDetail(): void {
  box.replaceChildren();
}
