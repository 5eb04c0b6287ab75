// The shown run's prompts as the model reads them: filtered, scrolled, chosen.

import type { PromptView } from "../../pkg/cpu/patchbay.js";
import { byId, element } from "../dom.ts";
import { problemOf } from "../errors.ts";
import { count } from "../format.ts";
import { breathe } from "../pace.ts";
import { chosenPrompt, type Shown, shown } from "../shown.ts";
import type { ShownPrompts } from "../shown-prompts.ts";
import { clearDetail, showDetail } from "./dataset-detail.ts";
import { filtered, templateKey, templatesOf } from "./dataset-filter.ts";
import { flippedTokens, runningTokens } from "./dataset-tokens.ts";
import { VirtualList } from "./virtual-list.ts";

const panel = byId("dataset", HTMLDetailsElement);
const order = byId("dataset-order", HTMLSelectElement);
const template = byId("dataset-template", HTMLSelectElement);
const search = byId("dataset-search", HTMLInputElement);
const status = byId("dataset-status", HTMLElement);

export class DatasetPanel {
  readonly #source: ShownPrompts;
  readonly #list: VirtualList;
  #prompts: readonly PromptView[] = [];
  /** The run that the prompts were asked for. */
  #of: Shown | null = null;

  constructor(source: ShownPrompts) {
    this.#source = source;
    this.#list = new VirtualList(byId("dataset-list", HTMLElement), {
      row: (item, place, of) => this.#row(item, place, of),
      chosen: (item) => {
        chosenPrompt.value = item;
      },
    });
    shown.watch(() => void this.#follow());
    chosenPrompt.watch(() => this.#mark());
    // A closed panel costs the worker nothing.
    panel.addEventListener("toggle", () => void this.#follow());
    for (const control of [order, template, search]) control.addEventListener("input", () => this.#filter());
  }

  async #follow(): Promise<void> {
    const now = shown.value;
    panel.hidden = now === null;
    if (now === null) return;
    // The chosen prompt is the one in the same place, where there still is one.
    if (chosenPrompt.value >= (now.result.conditions.clean?.diff.length ?? 0)) chosenPrompt.value = 0;
    if (!panel.open || now === this.#of) return;
    this.#of = now;
    // Those of the last run stay meanwhile, so that the page does not jump.
    status.textContent = "Reading the prompts…";
    try {
      const prompts = await this.#source.of(now);
      // Other panels have waited for the same, and do their work now.
      await breathe();
      if (this.#of === now) this.#take(prompts, "");
    } catch (error) {
      if (this.#of !== now) return;
      this.#take([], `The prompts cannot be shown: ${problemOf(error).message}`);
      // Closing and opening the panel asks again.
      this.#of = null;
    }
  }

  #take(prompts: readonly PromptView[], said: string): void {
    this.#prompts = prompts;
    const kept = template.value;
    const templates = templatesOf(prompts);
    template.replaceChildren(
      element("option", { value: "" }, "all"),
      ...templates.map(({ key, example, count }) =>
        element("option", { value: key, title: example }, `${key} (${count}): ${example}`),
      ),
    );
    template.value = templates.some(({ key }) => key === kept) ? kept : "";
    template.disabled = templates.length === 0;
    this.#filter();
    if (said !== "") status.textContent = said;
  }

  #filter(): void {
    const wanted = { order: order.value, template: template.value, text: search.value };
    const places = filtered(this.#prompts, wanted);
    status.textContent = `${count(places.length)} of ${count(this.#prompts.length)} prompts shown`;
    this.#list.show(places);
    this.#mark();
  }

  #mark(): void {
    const chosen = this.#prompts[chosenPrompt.value];
    this.#list.choose(chosenPrompt.value);
    if (chosen) showDetail(chosen, chosenPrompt.value);
    else clearDetail();
  }

  #row(item: number, place: number, of: number): HTMLElement {
    const prompt = this.#prompts[item] as PromptView;
    const made = prompt.template === null ? prompt.order : templateKey(prompt.template);
    // The row's own name says it.
    const text = element("div", { class: "prompt-text", "aria-hidden": "true" });
    if (prompt.positions !== null && prompt.flipped !== null) {
      text.append(
        element("p", { class: "prompt-tokens" }, ...runningTokens(prompt, prompt.positions)),
        element("p", { class: "prompt-tokens flipped" }, ...flippedTokens(prompt.flipped, prompt)),
      );
    }
    return element(
      "div",
      {
        class: "prompt-row",
        id: `prompt-${item}`,
        role: "option",
        "aria-label": `Prompt ${item + 1}, ${made}: ${prompt.sentence}. IO ${prompt.io}, S ${prompt.s}.`,
        "aria-setsize": String(of),
        "aria-posinset": String(place + 1),
      },
      element(
        "p",
        { class: "prompt-name", "aria-hidden": "true" },
        element("b", {}, String(item + 1)),
        ` ${made}`,
      ),
      text,
    );
  }
}
