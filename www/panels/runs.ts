// The last runs of this session: one is shown again, two are compared, one is removed. A run stays whatever becomes of
// the form or of the next run.

import { byId, element } from "../dom.ts";
import type { Texts } from "../fields.ts";
import { type Shown, shown } from "../shown.ts";
import { clearMessage } from "./message.ts";
import { showComparison } from "./runs-comparison.ts";
import { type Kept, meansText, newest, settingsText, timeText, titleText } from "./runs-text.ts";

const section = byId("runs", HTMLElement);
const heading = byId("runs-title", HTMLElement);
const list = byId("runs-list", HTMLElement);
const status = byId("runs-status", HTMLElement);

export class RunsPanel {
  readonly #fillIn: (texts: Texts) => void;
  #runs: Kept[] = [];
  #count = 0;
  /** Numbers of those that are ticked, in that order; two at most. */
  #ticked: number[] = [];

  /** `fillIn`: puts settings into the form. */
  constructor(fillIn: (texts: Texts) => void) {
    this.#fillIn = fillIn;
    shown.watch((now) => {
      if (now !== null) this.#add(now);
    });
  }

  #add(now: Shown): void {
    if (!this.#runs.some((run) => run.shown === now)) {
      this.#count += 1;
      this.#runs = newest([{ number: this.#count, ended: new Date(), shown: now }, ...this.#runs]);
    }
    this.#render();
  }

  async #show(run: Kept): Promise<void> {
    clearMessage();
    await shown.tell(run.shown);
    status.textContent = `Run ${run.number} is shown.`;
    byId("result", HTMLElement).scrollIntoView({ block: "start" });
  }

  #use(run: Kept): void {
    this.#fillIn(run.shown.asked);
    status.textContent = `The settings of run ${run.number} are in the form.`;
    byId("run", HTMLButtonElement).focus();
  }

  #tick(run: Kept, on: boolean): void {
    const others = this.#ticked.filter((number) => number !== run.number);
    // A third one takes the place of the one that was ticked first.
    this.#ticked = on ? [...others.slice(-1), run.number] : others;
    status.textContent = this.#ticked.length === 1 ? "Tick a second run to compare." : "";
    this.#render();
  }

  #remove(run: Kept): void {
    const place = this.#runs.indexOf(run);
    this.#runs = this.#runs.filter((other) => other !== run);
    status.textContent = `Run ${run.number} is removed from the list.`;
    this.#render();
    // The keyboard goes on to the run that is now at this place, or to the last.
    const buttons = list.querySelectorAll<HTMLElement>("[data-does=remove]");
    (buttons[Math.min(place, buttons.length - 1)] ?? heading).focus();
  }

  #render(): void {
    const focused = document.activeElement;
    const keyboard =
      focused instanceof HTMLElement && list.contains(focused)
        ? { does: focused.dataset.does, number: focused.closest("li")?.dataset.number }
        : null;
    const there = new Set(this.#runs.map(({ number }) => number));
    this.#ticked = this.#ticked.filter((number) => there.has(number));
    list.replaceChildren(...this.#runs.map((run) => this.#item(run)));
    section.hidden = this.#count === 0;
    if (keyboard !== null) {
      list
        .querySelector<HTMLElement>(`[data-number="${keyboard.number}"] [data-does="${keyboard.does}"]`)
        ?.focus();
    }
    const [one, other] = this.#runs
      .filter(({ number }) => this.#ticked.includes(number))
      .sort((a, b) => a.number - b.number);
    showComparison(one && other ? [one, other] : null);
  }

  #item(run: Kept): HTMLElement {
    const isShown = run.shown === shown.value;
    const name = `run ${run.number}`;
    const show = button("show", "Show", `Show ${name}`);
    show.addEventListener("click", () => void this.#show(run));
    const use = button("use", "Use settings", `Use settings of ${name}`);
    use.addEventListener("click", () => this.#use(run));
    const remove = button("remove", "Remove", `Remove ${name}`);
    remove.addEventListener("click", () => this.#remove(run));
    const tick = element("input", {
      type: "checkbox",
      "data-does": "compare",
      "aria-label": `Compare ${name}`,
    });
    tick.checked = this.#ticked.includes(run.number);
    tick.addEventListener("change", () => this.#tick(run, tick.checked));
    return element(
      "li",
      { "data-number": String(run.number), ...(isShown ? { "aria-current": "true" } : {}) },
      element(
        "p",
        { class: "run-title" },
        element("strong", {}, titleText(run)),
        " ",
        element(
          "span",
          { class: "hint" },
          ...(isShown ? ["shown above · "] : []),
          element("time", { datetime: run.ended.toISOString() }, timeText(run.ended)),
        ),
      ),
      element("p", { class: "run-means" }, meansText(run)),
      element("p", { class: "hint" }, settingsText(run)),
      element("div", { class: "actions" }, show, use, element("label", {}, tick, " Compare"), remove),
    );
  }
}

function button(does: string, text: string, label: string): HTMLButtonElement {
  return element("button", { type: "button", "data-does": does, "aria-label": label }, text);
}
