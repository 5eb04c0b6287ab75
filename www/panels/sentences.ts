// The first prompts of the dataset and their flips, renewed while the form is edited.

import type { Preview } from "../../pkg/cpu/patchbay.js";
import { byId, element } from "../dom.ts";
import { count } from "../format.ts";

const list = byId("sentences", HTMLElement);
const note = byId("sentences-note", HTMLElement);

export function showSentences({ sentences, n }: Preview): void {
  list.replaceChildren(
    ...sentences.map(({ sentence, flipped, io, s, template }) =>
      element(
        "li",
        {},
        element("p", {}, ...withAnswer(sentence)),
        element(
          "p",
          { class: "flipped" },
          element("span", { class: "hint" }, "flipped "),
          ...withAnswer(flipped),
        ),
        element("p", { class: "hint" }, `${template} · IO ${io} · S ${s}`),
      ),
    ),
  );
  note.textContent = n > sentences.length ? `and ${count(n - sentences.length)} more` : "";
}

/** A sentence ends in its answer, which the scores never see: END is the word before it. */
function withAnswer(sentence: string): (Node | string)[] {
  const at = sentence.lastIndexOf(" ") + 1;
  return [sentence.slice(0, at), element("span", { class: "answer" }, sentence.slice(at))];
}

/** No prompts can be shown: they would not be those of the form. */
export function clearSentences(reason: string): void {
  list.replaceChildren();
  note.textContent = reason;
}
