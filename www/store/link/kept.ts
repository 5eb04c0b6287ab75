// What the page is set to, kept in its tab as a link says it, so that a reload comes back to it. What stands there may be
// another version's or anybody's, so it is checked as a link is; of what is wrong in it nothing is said, since nobody gave it.

import { effect } from "@preact/signals";
import type { Panel } from "../panel.ts";
import { defaults, device, model, question, schemas, texts } from "../session.ts";
import { decode, encode, type LinkLab, type Settings } from "./link.ts";

const KEY = "patchbay settings";
/** Nothing is packed for each letter that is typed. */
const PAUSE_MS = 100;
/** Characters that are read: own prompts may be longer here than in an address. */
const MOST = 2_000_000;

/** Keeps them from now on. */
export function keepSettings(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;
  effect(() => {
    const now: Settings = {
      texts: texts.value,
      model: model.value,
      device: device.value,
      question: question.value,
      headline: null,
    };
    latest += 1;
    const turn = latest;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const link = await encode(
        now,
        schemas.value.map(({ analysis }) => analysis),
      );
      if (turn === latest) write(link.slice(1));
    }, PAUSE_MS);
  });
}

function write(fragment: string): void {
  try {
    sessionStorage.setItem(KEY, fragment);
  } catch {
    // A browser that keeps nothing comes back to the opening settings.
  }
}

/** What this tab was set to before it was reloaded; null where it was not, or where nothing of use is kept. */
export async function keptSettings(panels: readonly Panel[], lab: LinkLab): Promise<Settings | null> {
  const fragment = cameBack() ? read() : null;
  if (fragment === null) return null;
  const found = await decode(fragment, panels, lab, MOST);
  if (!Array.isArray(found)) return found;
  // What was typed and is no value is as usual again.
  const mended = new URLSearchParams(fragment);
  for (const { field } of found)
    if (defaults.value[field] !== undefined) mended.set(field, defaults.value[field]);
  const again = await decode(mended.toString(), panels, lab, MOST);
  return Array.isArray(again) ? null : again;
}

/** Who types the address again begins anew. */
function cameBack(): boolean {
  const [how] = performance.getEntriesByType("navigation");
  return how !== undefined && "type" in how && ["reload", "back_forward"].includes(String(how.type));
}

function read(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
