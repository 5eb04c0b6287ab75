// "Embed": a figure as an iframe for somebody's own page, with its numbers in the link where these are few enough.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Figure } from "../../charts/frame/frame.ts";
import { modelName } from "../../door/sources.ts";
import { FIGURE, packFigure } from "../../store/link/figure.ts";
import { MAX_LENGTH } from "../../store/link/link.ts";
import type { Task } from "../../store/tasks/task.ts";
import { type Options, USUAL } from "../../text/options.ts";
import { visible } from "../../text/plain-text.ts";
import { copyText } from "../../ui/clipboard.ts";
import { linkOf, NoLink, settingsNow } from "./link-now.ts";
import { snippet } from "./snippet.ts";

export interface Embedded {
  task: Task;
  figure: Figure;
  about: string;
  options: Options;
}

interface Made {
  text: string;
  /** The figure's numbers are in it. */
  stored: boolean;
}

interface Said {
  text: string;
  /** To be copied by hand. */
  snippet?: string;
}

/** The button, and what became of the press. */
export function useEmbed(it: Embedded): { button: ComponentChildren; status: ComponentChildren } {
  const [said, setSaid] = useState<Said | null>(null);
  const title = visible(it.figure.title);
  return {
    button: (
      <button
        type="button"
        aria-label={`Embed: ${title}`}
        onClick={async () => {
          setSaid(null);
          setSaid(await copy(it));
        }}
      >
        Embed
      </button>
    ),
    status: (
      <div class="embed-said">
        <p class="hint" role="status">
          {said?.text}
        </p>
        {said?.snippet !== undefined && (
          <textarea readOnly rows={5} aria-label={`Snippet of: ${title}`} value={said.snippet} />
        )}
      </div>
    ),
  };
}

/** The clipboard is asked within the press: WebKit lets nobody write there later. */
async function copy(it: Embedded): Promise<Said> {
  const making = made(it);
  const how = ({ stored }: Made) =>
    stored
      ? "It holds the figure's numbers, so that it is drawn at once."
      : "The figure's numbers are too many for a link, so that it is computed where it is shown.";
  try {
    await copyText(making.then(({ text }) => text));
    return { text: `Copied: an iframe for your own page. ${how(await making)}` };
  } catch (refused) {
    return making.then(
      (it): Said => ({
        text: `The clipboard is not available. Copy the iframe from here. ${how(it)}`,
        snippet: it.text,
      }),
      (error: unknown): Said => ({ text: error instanceof NoLink ? error.message : `No iframe. ${refused}` }),
    );
  }
}

async function made({ task, figure, about, options }: Embedded): Promise<Made> {
  const { value: answer } = task.answer;
  if (answer === null || task.stale.value || task.partial.value !== null)
    throw new NoLink({ text: "No iframe yet: the figure is of other settings, or not finished. Run first." });
  const settings = await settingsNow();
  const own = Object.entries(options).filter(([name, text]) => text !== USUAL[name as keyof Options]);
  const drawn = own.map(([name, text]) => [`${task.name}.${figure.name}.${name}`, text]);
  // The frame computes this figure and compares no headline of another.
  const texts = { ...settings.texts, ...Object.fromEntries(drawn) };
  const link = await linkOf({ ...settings, headline: null, texts });
  if (link.length > MAX_LENGTH)
    throw new NoLink({ text: "No iframe: these settings are too long for a link. Copy link says more." });
  const packed = await packFigure({ model: modelName(answer.asked.model), about, figure });
  const whole = `${link}&${FIGURE}=${packed}`;
  const stored = whole.length <= MAX_LENGTH;
  const address = new URL(location.href);
  address.search = `?embed=${task.name}.${figure.name}`;
  address.hash = stored ? whole : link;
  return { text: snippet(address, visible(figure.title)), stored };
}
