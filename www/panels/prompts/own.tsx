// Prompts of one's own as text, a line each: written, opened from a file or copied from the generated ones, and put to use.
// What is wrong with a line is said once, with its number.

import { computed, signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import type { Read } from "../../../pkg/cpu/patchbay.js";
import { messageOf, problemOf } from "../../door/errors.ts";
import { leftOut, runCount } from "../../store/prompts.ts";
import { fieldsOf, problems, setText, task, texts, textsOf } from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { PAUSE_MS } from "../../store/tasks/unasked.ts";
import { count } from "../../text/format.ts";
import { dropped, OpenFile } from "../../ui/open-file.tsx";
import { save } from "../../ui/save.ts";

/** What was written and is not in use. */
export const draft = signal("");

export const inUse = computed(() => task.value === "ioi" && (texts.value.prompts ?? "") !== "");

/** The fields that one's own prompts take the place of. */
export const GENERATED = ["n", "symmetric", "prompt_type"];

/** Bytes that are read of a file. The crate reads no more either. */
const MOST_BYTES = 1_000_000;
/** As many prompts as are run of one's own. */
const MOST_PROMPTS = 2000;

function put(text: string): void {
  draft.value = text;
  if (inUse.value) setText("prompts", text);
}

function use(): void {
  setText("prompts", draft.value);
  // What nobody can mend while it is not asked for must not stand in the way of a run.
  for (const { name, default: usual } of fieldsOf("experiment"))
    if (GENERATED.includes(name) && problems.value.some(({ field }) => field === name)) setText(name, usual);
}

function stop(): void {
  draft.value = texts.value.prompts ?? "";
  setText("prompts", "");
}

export function OwnPrompts() {
  const id = useId();
  const said = useSignal("");
  const used = inUse.value;
  const text = used ? (texts.value.prompts ?? "") : draft.value;
  const checked = useChecked();
  const lines = used ? leftOut.value : (checked.value?.left_out ?? []);
  const wrong = (used ? problems.value : (checked.value?.problems ?? [])).find(
    ({ field }) => field === "prompts",
  )?.message;
  const found = used ? runCount.value : (checked.value?.spec?.spec.dataset.prompts?.length ?? 0);
  const open = async (picked: File) => {
    try {
      put(await textOfFile(picked));
      said.value = `${picked.name} is in the text.`;
    } catch (error) {
      said.value = `The file was not opened: ${messageOf(error)}.`;
    }
  };
  const copy = async () => {
    try {
      const found = await generated();
      put(found.text);
      said.value = found.said;
    } catch (error) {
      said.value = `Nothing was copied: ${problemOf(error).message}`;
    }
  };
  const button = (name: string, press: () => void, primary = false) => (
    <button type="button" class={primary ? "primary" : ""} onClick={press}>
      {name}
    </button>
  );
  return (
    <div class="own-prompts">
      <p class="hint" id={`${id}-format`}>
        A prompt a line: the whole sentence, which ends in its answer, then IO and S, with | or tabs between.
        Each name is one token; S stands twice before the answer, IO once. CSV with the columns sentence, io
        and s will do as well, and so will a JSON array of objects with these. A file may be dropped here.{" "}
        <code>Then, Alex and Anthony met. Anthony waved to Alex | Alex | Anthony</code>
      </p>
      <label for={id}>Your prompts</label>
      <textarea
        id={id}
        name="prompts"
        rows={8}
        spellcheck={false}
        aria-describedby={`${id}-format ${id}-lines`}
        aria-invalid={wrong !== undefined}
        value={text}
        {...dropped(open)}
        onInput={({ currentTarget }) => {
          said.value = "";
          put(currentTarget.value);
        }}
      />
      <div class="actions">
        {used
          ? button("Back to generated prompts", stop)
          : text.trim() !== "" && button("Use these prompts", use, true)}
        {button("Copy the generated prompts to edit", () => void copy())}
        <OpenFile label="A file of prompts" accept=".txt,.tsv,.csv,.json,text/plain" open={open} />
        {text !== "" &&
          button("Save as a file", () =>
            save("patchbay-prompts.txt", new Blob([text], { type: "text/plain" })),
          )}
      </div>
      <p role="status">{said}</p>
      <div id={`${id}-lines`} aria-live="polite">
        {wrong !== undefined && <p class="field-error">{wrong}</p>}
        {wrong === undefined && text.trim() !== "" && found + lines.length > 0 && (
          <Count used={used} fits={found} all={found + lines.length} />
        )}
        <Lines lines={lines.filter(({ line, message }) => !wrong?.includes(`line ${line}: ${message}`))} />
      </div>
    </div>
  );
}

/** What scrolls by itself can be got at with the keyboard. */
const SCROLLS = { "aria-label": "Lines that are not run", tabIndex: 0 };

interface CountProps {
  used: boolean;
  fits: number;
  all: number;
}

/** The one place where they are counted. Of a text that is refused as a whole nothing is run. */
function Count({ used, fits, all }: CountProps) {
  const verb = `${all === 1 ? "line" : "lines"} ${fits === 1 || all === 1 ? "is" : "are"}`;
  return (
    <p class="own-count">
      {used
        ? `${count(fits)} of ${count(all)} ${verb} run.`
        : `${count(fits)} of ${count(all)} ${verb} a prompt, as far as this is known without a model's tokens.`}
    </p>
  );
}

function Lines({ lines }: { lines: Read["left_out"] }) {
  if (lines.length === 0) return null;
  return (
    <ul class="own-lines" {...SCROLLS}>
      {lines.map(({ line, message }) => (
        <li key={line}>
          Line {line}: {message}.
        </li>
      ))}
    </ul>
  );
}

/** What the crate says of the draft, a moment after it was written. */
function useChecked() {
  const read = useSignal<{ of: string; read: Read } | null>(null);
  const text = draft.value;
  useEffect(() => {
    if (text.trim() === "") return;
    const timer = setTimeout(async () => {
      const found = await lab
        .read("experiment", { ...textsOf("experiment"), prompts: text })
        .catch(() => null);
      if (found !== null && draft.value === text) read.value = { of: text, read: found };
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return useComputed(() => (read.value?.of === draft.value ? read.value.read : null));
}

/** The form's generated prompts as text. */
async function generated(): Promise<{ text: string; said: string }> {
  const { spec, problems } = await lab.read("experiment", { ...textsOf("experiment"), prompts: "" });
  if (spec === null) throw new Error(`mend the field ${problems[0]?.field} first.`);
  const { dataset, flip } = spec.spec;
  const { sentences, n } = await lab.preview(dataset, flip, MOST_PROMPTS);
  const few =
    n > sentences.length ? `; ${count(MOST_PROMPTS)} is the most, and ${count(n)} are generated` : "";
  return {
    text: sentences.map(({ sentence, io, s }) => `${sentence} | ${io} | ${s}`).join("\n"),
    said: `${count(sentences.length)} prompts copied${few}.`,
  };
}

/** Throws what is wrong with the file. */
export async function textOfFile(picked: File): Promise<string> {
  if (picked.size > MOST_BYTES)
    throw new Error(`expected at most ${count(MOST_BYTES)} bytes, found ${count(picked.size)}`);
  const bytes = await picked.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).trimEnd();
  } catch {
    throw new Error("expected text in UTF-8, found another encoding; save it as UTF-8");
  }
}
