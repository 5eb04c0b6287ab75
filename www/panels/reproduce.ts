// The shown run for others to repeat: the result that an opened link promised beside this one, and the run as a script
// for TransformerLens.

import { APP_VERSION } from "../app.ts";
import { copyText } from "../clipboard.ts";
import { byId, element } from "../dom.ts";
import { problemOf } from "../errors.ts";
import { save } from "../export.ts";
import { sameTexts } from "../fields.ts";
import { type Comparison, compareHeadline } from "../headline.ts";
import { promised } from "../link.ts";
import { fileStem } from "../result.ts";
import { type Shown, shown } from "../shown.ts";
import type { ShownPrompts } from "../shown-prompts.ts";
import { transformerLensScript } from "../transformer-lens.ts";
import { showMessage } from "./message.ts";
import { scrolled, scrolledTable } from "./scrolled.ts";

const section = byId("reproduce", HTMLElement);
const headline = byId("headline", HTMLElement);
const details = byId("script-details", HTMLDetailsElement);
const view = element("pre", { id: "script" });
byId("script-view", HTMLElement).append(scrolled("The script", view, "script"));
const status = byId("script-status", HTMLElement);

/** Thousands of prompts are more than anybody reads here; the copy and the file have them all. */
const MOST_SHOWN = 60_000;

const WRITING = "Writing the script…";

/** What has no part in the means: a link may be tried on another device. */
const BESIDES = ["device", "accuracy"] as const;

export class ReproducePanel {
  readonly #prompts: ShownPrompts;
  #script: { of: Shown; text: Promise<string> } | null = null;

  constructor(prompts: ShownPrompts) {
    this.#prompts = prompts;
    shown.watch((now) => {
      section.hidden = now === null;
      status.textContent = "";
      view.replaceChildren();
      this.#compare(now, { say: true });
      if (details.open) void this.#show();
    });
    promised.watch(() => this.#compare(shown.value, { say: false }));
    details.addEventListener("toggle", () => {
      if (details.open) void this.#show();
    });
    byId("script-copy", HTMLButtonElement).addEventListener("click", () => void this.#copy());
    byId("script-download", HTMLButtonElement).addEventListener("click", () => void this.#download());
  }

  /** `say`: beside the form too, where who opened the link and pressed Run is looking. */
  #compare(now: Shown | null, { say }: { say: boolean }): void {
    const link = promised.value;
    const compared =
      now !== null && link !== null && sameTexts(link.texts, now.asked, BESIDES)
        ? compareHeadline(link.headline, now.result, APP_VERSION)
        : null;
    headline.hidden = compared === null;
    if (compared === null) return;
    showVerdict(compared);
    if (say) showMessage(compared.verdict, { calm: compared.agrees });
  }

  /** The script of the shown run; made once. The prompts' positions are its model's to say. */
  #scriptOf(now: Shown): Promise<string> {
    if (this.#script?.of === now) return this.#script.text;
    const text = this.#prompts.of(now).then((prompts) => transformerLensScript(now.result, prompts));
    this.#script = { of: now, text };
    // What failed is tried again the next time.
    text.catch(() => {
      if (this.#script?.text === text) this.#script = null;
    });
    return text;
  }

  /** null where there is none, which is said then, or where it is no longer the shown run's. */
  async #written(): Promise<string | null> {
    const now = shown.value;
    if (now === null) return null;
    if (this.#script?.of !== now) status.textContent = WRITING;
    try {
      const text = await this.#scriptOf(now);
      if (shown.value !== now) return null;
      // Not what was said about the clipboard meanwhile.
      if (status.textContent === WRITING) status.textContent = "";
      return text;
    } catch (error) {
      if (shown.value === now) status.textContent = `No script. ${problemOf(error).message}`;
      return null;
    }
  }

  async #show(): Promise<void> {
    const text = await this.#written();
    if (text === null) return;
    const rest = text.length - MOST_SHOWN;
    view.textContent =
      rest > 0
        ? `${text.slice(0, MOST_SHOWN)}\n… and ${rest} more characters in the copy and the file.`
        : text;
  }

  async #copy(): Promise<void> {
    const written = this.#written();
    const text = written.then((it) => it ?? Promise.reject(new Error("no script")));
    try {
      await copyText(text);
      status.textContent = "Script copied.";
    } catch {
      if ((await written) === null) return;
      status.textContent = "The clipboard is not available: download the script, or copy it from below.";
      details.open = true;
    }
  }

  async #download(): Promise<void> {
    const text = await this.#written();
    if (text !== null && shown.value)
      save(`${fileStem(shown.value.result)}.py`, new Blob([text], { type: "text/x-python" }));
  }
}

function showVerdict({ agrees, verdict, rows }: Comparison): void {
  const text = byId("headline-verdict", HTMLElement);
  text.textContent = verdict;
  text.classList.toggle("differs", !agrees);
  const figure = (value: number | null) => (value === null ? "–" : String(Number(value.toPrecision(6))));
  const header = ["condition", "in the link", "here", "verdict"];
  const cells = rows.map((row) => [
    row.condition,
    figure(row.stored),
    figure(row.here),
    row.agrees ? "agrees" : "differs",
  ]);
  byId("headline-means", HTMLElement).replaceChildren(
    scrolledTable("The link's means beside this result's", { header, rows: cells }),
  );
}
