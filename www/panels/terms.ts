// Words with an explanation: it is shown while the pointer or the keyboard is on the word, or after a tap; Esc closes it.
// Each is a button, so that it can be reached without a mouse, and its explanation describes it to screen readers.

import { element } from "../dom.ts";
import { isTermId, TERMS, type TermId, termsIn } from "../glossary.ts";

/** Long enough to move the pointer from the word onto its explanation, which then stays. */
const LINGER_MS = 200;
/** Between the word, its explanation and the edge of the window. */
const GAP = 6;

/** By id; an explanation is made when its word is. */
const notes = new Map<string, HTMLElement>();
/** What is shown now. `kept`: after a click, also when the pointer leaves. */
let open: { word: HTMLElement; note: HTMLElement; kept: boolean } | null = null;
let closing: ReturnType<typeof setTimeout> | undefined;

/** A text with the terms in it explained; those that are `seen` already are left as they are. */
export function withTerms(text: string, seen?: Set<TermId>): (Node | string)[] {
  return termsIn(text, seen).map((part) =>
    typeof part === "string" ? part : term(part.text, part.id, TERMS[part.id].text),
  );
}

/** A word with this explanation. `id` tells explanations apart; the last text of an id holds. */
export function term(word: string, id: string, text: string): HTMLButtonElement {
  const button = element("button", { type: "button", class: "term" }, word);
  explain(button, id, text);
  return button;
}

function explain(word: HTMLElement, id: string, text: string): void {
  let note = notes.get(id);
  if (note === undefined) {
    note = element("div", {
      id: `term-${notes.size}`,
      class: "term-note",
      role: "tooltip",
      popover: "manual",
    });
    notes.set(id, note);
    document.body.append(note);
  }
  note.textContent = text;
  word.setAttribute("aria-describedby", note.id);
}

/** The words that index.html marks, and the behaviour of all. */
export function startTerms(): void {
  for (const word of document.querySelectorAll<HTMLElement>("[data-term]")) {
    const id = word.dataset.term ?? "";
    if (!isTermId(id)) throw new Error(`index.html: expected a term of glossary.ts, found ${id}`);
    explain(word, id, TERMS[id].text);
  }
  document.addEventListener("pointerover", ({ target, pointerType }) => {
    // A finger taps, which is a click.
    if (pointerType !== "mouse") return;
    const word = wordAt(target);
    if (word !== null) show(word, false);
    else if (target instanceof Element && target.closest(".term-note")) clearTimeout(closing);
    else if (open !== null && !open.kept && document.activeElement !== open.word) hideSoon();
  });
  document.addEventListener("focusin", ({ target }) => {
    const word = wordAt(target);
    if (word?.matches(":focus-visible")) show(word, false);
  });
  document.addEventListener("focusout", ({ target }) => {
    if (target === open?.word) hide();
  });
  document.addEventListener("click", ({ target }) => {
    const word = wordAt(target);
    if (word === null) return;
    if (open?.word === word && open.kept) hide();
    else show(word, true);
  });
  document.addEventListener("pointerdown", ({ target }) => {
    const inside = target instanceof Element && target.closest(".term, .term-note") !== null;
    if (!inside) hide();
  });
  // Before all others: with an explanation open, Esc closes it and does nothing else.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || open === null) return;
      hide();
      event.stopPropagation();
      event.preventDefault();
    },
    { capture: true },
  );
  // Whatever scrolls, the page or a box in it.
  document.addEventListener("scroll", place, { capture: true, passive: true });
  window.addEventListener("resize", place);
}

function wordAt(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(".term") : null;
}

function show(word: HTMLElement, kept: boolean): void {
  clearTimeout(closing);
  if (open?.word === word) {
    open.kept ||= kept;
    return;
  }
  hide();
  const note = document.getElementById(word.getAttribute("aria-describedby") ?? "");
  if (note === null) return;
  open = { word, note, kept };
  note.showPopover();
  place();
}

function hideSoon(): void {
  clearTimeout(closing);
  closing = setTimeout(hide, LINGER_MS);
}

function hide(): void {
  clearTimeout(closing);
  open?.note.hidePopover();
  open = null;
}

/** Above the word, or below it where there is no room; never over it, nor beyond the window's sides. */
function place(): void {
  if (open === null) return;
  const { word, note } = open;
  const at = word.getBoundingClientRect();
  // Scrolled away, or taken away with what it was in.
  if (!word.isConnected || at.bottom < 0 || at.top > innerHeight) {
    hide();
    return;
  }
  const { width, height } = note.getBoundingClientRect();
  const above = at.top - height - GAP;
  const rightmost = document.documentElement.clientWidth - width - GAP;
  note.style.left = `${Math.max(GAP, Math.min(at.left, rightmost))}px`;
  note.style.top = `${above >= 0 ? above : at.bottom + GAP}px`;
}
