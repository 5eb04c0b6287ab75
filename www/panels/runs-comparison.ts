// Two runs side by side, as tables.

import { byId, element } from "../dom.ts";
import {
  comparedMeans,
  comparedPrompts,
  differingSettings,
  MOST_PROMPTS,
  promptCount,
} from "./runs-compare.ts";
import type { Kept } from "./runs-text.ts";
import { scrolledTable } from "./scrolled.ts";

const region = byId("runs-comparison", HTMLElement);
const title = byId("runs-comparison-title", HTMLElement);
const body = byId("runs-comparison-body", HTMLElement);

/** null: there are no two to compare. */
export function showComparison(pair: readonly [Kept, Kept] | null): void {
  region.hidden = pair === null;
  if (pair === null) {
    body.replaceChildren();
    return;
  }
  const names = [`run ${pair[0].number}`, `run ${pair[1].number}`] as const;
  const [one, other] = [pair[0].shown, pair[1].shown];
  title.textContent = `Run ${pair[0].number} beside run ${pair[1].number}`;
  const settings = differingSettings(one, other);
  const parts: HTMLElement[] =
    settings.length === 0
      ? [element("p", {}, "The settings, the weights and the device are the same.")]
      : [scrolledTable("Settings that differ", { header: ["setting", ...names], rows: settings }, "texts")];
  parts.push(scrolledTable("Means of both runs", comparedMeans(one, other, names)));
  const prompts = comparedPrompts(one, other);
  if (prompts === null) {
    parts.push(element("p", { class: "hint" }, "Their prompts are not the same, so prompts are not paired."));
  } else {
    const all = promptCount(one.result);
    const which = all > MOST_PROMPTS ? `the first ${MOST_PROMPTS} of ${all}` : `all ${all}`;
    const summary = `Prompt by prompt, ${which}: ${names[1]} minus ${names[0]}`;
    parts.push(
      element("details", {}, element("summary", {}, summary), scrolledTable(summary, prompts, "tall")),
    );
  }
  body.replaceChildren(...parts);
}
