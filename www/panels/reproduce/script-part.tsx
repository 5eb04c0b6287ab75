// The run as TransformerLens code: to copy, to download, to look at.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { problemOf } from "../../door/errors.ts";
import { count } from "../../text/format.ts";
import { copyText } from "../../ui/clipboard.ts";
import { save } from "../../ui/save.ts";
import { promptsOf } from "./files.ts";
import { Part } from "./part.tsx";
import { isScripted, transformerLensScript } from "./script.ts";
import { type Run, stemOf } from "./words.ts";

/** Thousands of prompts are more than anybody reads here; the copy and the file have them all. */
const MOST_SHOWN = 60_000;

export function Script({ run }: { run: Run }) {
  const status = useSignal("");
  const shown = useSignal("");
  const details = useRef<HTMLDetailsElement>(null);
  const made = useRef<Promise<string> | null>(null);
  const written = () => {
    status.value = "Writing the script…";
    // What failed is tried again the next time.
    made.current ??= promptsOf(run)
      .then((prompts) => transformerLensScript(run, prompts))
      .finally(() => (status.value = ""))
      .catch((error: unknown) => {
        made.current = null;
        throw error;
      });
    return made.current;
  };
  const failed = (error: unknown) => (status.value = `No script. ${problemOf(error).message}`);
  const show = async () => {
    const text = await written();
    const rest = text.length - MOST_SHOWN;
    shown.value =
      rest > 0
        ? `${text.slice(0, MOST_SHOWN)}\n… and ${count(rest)} more characters in the copy and the file.`
        : text;
  };
  const copy = async () => {
    const text = written();
    try {
      await copyText(text);
      status.value = "Script copied.";
    } catch {
      await text;
      await show();
      if (details.current) details.current.open = true;
      status.value = "The clipboard is not available: download the script, or copy it from below.";
    }
  };
  const download = async () =>
    save(`${stemOf(run)}.py`, new Blob([await written()], { type: "text/x-python" }));
  if (!isScripted(run.reply.result)) return null;
  return (
    <Part title="As TransformerLens code">
      <p>
        A Python script with these prompts and settings written out. It computes the run again with the
        TransformerLens library and prints its figures beside the page's.
      </p>
      <div class="actions">
        <button type="button" onClick={() => copy().catch(failed)}>
          Copy script
        </button>
        <button type="button" onClick={() => download().catch(failed)}>
          Download script
        </button>
        <p class="hint" role="status">
          {status}
        </p>
      </div>
      <details ref={details} onToggle={({ currentTarget }) => currentTarget.open && show().catch(failed)}>
        <summary>The script</summary>
        <section
          class="code"
          aria-label="The script"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard
          tabIndex={0}
        >
          <pre>{shown}</pre>
        </section>
      </details>
    </Part>
  );
}
