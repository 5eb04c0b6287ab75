// What the page is set to, as a link carries it; or why there is none.

import { LESSON } from "../../lessons/names.ts";
import { labelOf } from "../../schema/form.tsx";
import { check } from "../../store/check.ts";
import { encode, type Settings } from "../../store/link/link.ts";
import { panel } from "../../store/run.ts";
import { device, head, model, type Texts, task, texts } from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { finished } from "../finished.ts";
import { experiment } from "../place/tasks.ts";

/** How a press went. */
export interface Said {
  text: string;
  /** To be copied by hand. */
  link?: string;
  /** To be saved. */
  prompts?: string;
}

/** What keeps a link from being made. */
export class NoLink extends Error {
  readonly said: Said;

  constructor(said: Said) {
    super(said.text);
    this.said = said;
  }
}

/** With what they gave, where that is known. Throws NoLink. */
export async function settingsNow(): Promise<Settings> {
  const { name = "" } = panel.value ?? {};
  // The head that is meant is named: a model's usual one may be another in another version.
  const [layer, at] = head.value ?? [];
  const named: Texts = layer === undefined ? {} : { layer: String(layer), head: String(at) };
  // Who shares what was found in a lesson does not share the lesson: its steps have links of their own.
  const { [LESSON]: _, ...own } = texts.value;
  const now = {
    texts: { ...own, ...named } as Texts,
    model: model.value,
    device: device.value,
    question: name,
  };
  const found = await check();
  if (found.length > 0) {
    const fields = found.map(({ field }) => labelOf(field)).join(", ");
    throw new NoLink({ text: `No link yet. To be mended first: ${fields}.` });
  }
  // What the settings gave, as long as they are still those.
  const answer = experiment.stale.value || task.value !== "ioi" ? null : experiment.answer.value;
  const headline = answer === null ? null : (await lab.reproduction(finished(answer))).headline;
  return { ...now, headline };
}

/** `#v=1&…`, which may be too long. */
export function linkOf(settings: Settings): Promise<string> {
  return encode(settings, panel.value?.analyses ?? []);
}
