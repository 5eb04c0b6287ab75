// "Reproduce": what lets others repeat the shown run and hold theirs against it. The crate says and writes all of it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Offered } from "../../../pkg/cpu/patchbay.js";
import { messageOf } from "../../door/errors.ts";
import type { Panel } from "../../store/panel.ts";
import { lab } from "../../store/tasks/queue.ts";
import { count } from "../../text/format.ts";
import { useAsked } from "../../ui/asked.ts";
import { copyText } from "../../ui/clipboard.ts";
import { save } from "../../ui/save.ts";
import { WordsTable } from "../../ui/tables/words-table.tsx";
import { finished, type Run } from "../finished.ts";
import { experiment } from "../place/tasks.ts";
import { Published } from "../published/index.tsx";
import { useComparison } from "../verdict.tsx";
import "./reproduce.css";

function View() {
  const run = experiment.answer.value;
  if (run !== null) return <Reproduce key={run.date} run={run} />;
  return (
    <>
      <h2>What lets others repeat a run</h2>
      <p>There is no run yet. Press Run, and here is its code, its command line and its files.</p>
    </>
  );
}

function Reproduce({ run }: { run: Run }) {
  const { answer, problem } = useAsked([run], () => lab.reproduction(finished(run)));
  const link = useComparison();
  const files = (...wanted: string[]) => answer?.files.filter(({ what }) => wanted.includes(what)) ?? [];
  return (
    <div class="reproduce">
      <h2>Run this again elsewhere, and hold it against this result</h2>
      <p class="hint">
        {run.reply.report?.about}
        {experiment.stale.value && ". The settings have changed since."}
      </p>
      {problem !== "" && <p class="message bad">{problem}</p>}
      {answer !== null && (
        <>
          <div>
            {link.answer !== null && (
              <Part title="The result in the link">
                <p class={link.answer.agrees ? "" : "message bad"}>{link.answer.verdict}</p>
                <WordsTable table={link.answer.table} />
              </Part>
            )}
            {answer.published !== null && (
              <Part title="The notebook's figures">
                <WordsTable table={answer.published} />
              </Part>
            )}
            {files("script").map((file) => (
              <Part title="As TransformerLens code" key={file.what}>
                <p>
                  A Python script with these prompts and settings written out. It computes the run again with
                  the TransformerLens library and prints its figures beside the page's.
                </p>
                <Actions {...{ run, files: [file] }} what="script" copy={() => textOf(run, file)} />
                <Script {...{ run, file }} />
              </Part>
            ))}
          </div>
          <div>
            <Part title="On the command line">
              <p>{answer.about_command}</p>
              <pre class="wrapped">{answer.command}</pre>
              <Actions
                {...{ run, files: files("prompts") }}
                what="command"
                copy={async () => answer.command}
              />
            </Part>
            <Part title="Files">
              <p>
                JSON has all of the run: version, settings, hashes of the model, prompts with their positions
                and scores, means and intervals. CSV has a line for each condition and prompt.
              </p>
              <Actions {...{ run, files: files("JSON", "CSV") }} />
            </Part>
            <Part title="Cite this run">
              <p class="citation">{answer.citation}</p>
              <Actions {...{ run, files: [] }} what="citation" copy={async () => answer.citation} />
            </Part>
          </div>
        </>
      )}
    </div>
  );
}

const textOf = (run: Run, { what }: Offered) => lab.runFile(finished(run), what);

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}

interface ActionsProps {
  run: Run;
  files: readonly Offered[];
  /** What is copied. */
  what?: string;
  copy?: () => Promise<string>;
}

/** A text to copy, files to save, and a line for how that went. */
function Actions({ run, files, what, copy }: ActionsProps) {
  const status = useSignal("");
  const press = async (name: string, work: () => Promise<string>) => {
    try {
      status.value = await work();
    } catch (error) {
      status.value = `No ${name}. ${messageOf(error)}`;
    }
  };
  const copied = async (text: Promise<string>) => {
    try {
      await copyText(text);
      return "Copied.";
    } catch {
      await text;
      return "The clipboard is not available: select the text, and copy it.";
    }
  };
  const saved = async (file: Offered) => {
    save(file.name, new Blob([await textOf(run, file)], { type: file.mime }));
    return "";
  };
  return (
    <div class="actions">
      {what !== undefined && copy !== undefined && (
        <button type="button" onClick={() => press(what, () => copied(copy()))}>
          Copy {what}
        </button>
      )}
      {files.map((file) => (
        <button key={file.what} type="button" onClick={() => press(file.what, () => saved(file))}>
          Download {file.what}
        </button>
      ))}
      <p class="hint" role="status">
        {status}
      </p>
    </div>
  );
}

/** Thousands of prompts are more than anybody reads here; the copy and the file have them all. */
const MOST_SHOWN = 60_000;

function Script({ run, file }: { run: Run; file: Offered }) {
  const open = useSignal(false);
  const { answer, problem } = useAsked([run, open.value], () => (open.value ? textOf(run, file) : null));
  const rest = (answer?.length ?? 0) - MOST_SHOWN;
  return (
    <details onToggle={({ currentTarget }) => (open.value = currentTarget.open)}>
      <summary>The script</summary>
      <section
        class="code"
        aria-label="The script"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard
        tabIndex={0}
      >
        <pre>
          {problem}
          {answer?.slice(0, MOST_SHOWN)}
          {rest > 0 && `\n… and ${count(rest)} more characters in the copy and the file.`}
        </pre>
      </section>
    </details>
  );
}

export const REPRODUCE: Panel = {
  name: "reproduce",
  title: "Reproduce",
  task: experiment,
  Controls: null,
  View: () => (
    <>
      <View />
      <Published />
    </>
  ),
};
