// "Reproduce": what lets others repeat the shown run and hold theirs against it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";
import type { PromptView } from "../../../pkg/cpu/patchbay.js";
import { problemOf } from "../../door/errors.ts";
import type { Panel } from "../../store/panel.ts";
import { aside, lab } from "../../store/queue.ts";
import { count, score } from "../../text/format.ts";
import { copyText } from "../../ui/clipboard.ts";
import { save } from "../../ui/save.ts";
import { WordsTable } from "../../ui/words-table.tsx";
import { experiment } from "../place/tasks.ts";
import { compared } from "../verdict.tsx";
import { rowsOf, wholeRun } from "./files.ts";
import { isScripted, transformerLensScript } from "./script.ts";
import { citation, commandLine, notebookFigures, type Run, stemOf } from "./words.ts";
import "./reproduce.css";

/** Thousands of prompts are more than anybody reads here; the copy and the file have them all. */
const MOST_SHOWN = 60_000;

function View() {
  const run = experiment.answer.value;
  if (run === null)
    return (
      <>
        <h2>What lets others repeat a run</h2>
        <p>There is no run yet. Press Run, and here is its code, its command line and its files.</p>
      </>
    );
  return (
    <div class="reproduce">
      <h2>Run this again elsewhere, and hold it against this result</h2>
      <p class="hint">
        {run.reply.report?.about}
        {experiment.stale.value && ". The settings have changed since."}
      </p>
      <div>
        <TheLinks run={run} />
        <Notebook run={run} />
        <Script key={run.key} run={run} />
      </div>
      <div>
        <Command run={run} />
        <Files run={run} />
        <Cite run={run} />
      </div>
    </div>
  );
}

/** The means that the opened link promised beside these. */
function TheLinks({ run }: { run: Run }) {
  const comparison = compared(run);
  if (comparison === null) return null;
  const { agrees, verdict, rows } = comparison;
  const figure = (value: number | null) => (value === null ? "–" : String(Number(value.toPrecision(6))));
  return (
    <Part title="The result in the link">
      <p class={agrees ? "" : "message bad"}>{verdict}</p>
      <WordsTable
        table={{
          name: "link",
          title: "The link's means beside this result's",
          header: ["condition", "in the link", "here", "verdict"],
          rows: rows.map((row) => [
            row.condition,
            figure(row.stored),
            figure(row.here),
            row.agrees ? "agrees" : "differs",
          ]),
          caption: "",
        }}
      />
    </Part>
  );
}

function Notebook({ run }: { run: Run }) {
  const notebook = notebookFigures(run);
  if (notebook === null) return null;
  const { conditions } = run.reply.result;
  return (
    <Part title="The notebook's figures">
      <WordsTable
        table={{
          name: "notebook",
          title: "Mean attention score difference",
          header: ["condition", "notebook", "here"],
          rows: Object.entries(notebook).map(([name, value]) => [
            name,
            score(value),
            score(conditions[name]?.mean_diff ?? Number.NaN),
          ]),
          caption:
            "The TransformerLens notebook “patching positions” prints these for GPT-2 small with these settings.",
        }}
      />
    </Part>
  );
}

function Script({ run }: { run: Run }) {
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

function Command({ run }: { run: Run }) {
  const { prompts } = run.reply.result.spec.dataset;
  const file = `${stemOf(run)}-prompts.json`;
  const text = commandLine(run, file);
  return (
    <Part title="On the command line">
      <p>
        The native command prints the same table
        {prompts !== undefined && ", of these prompts from a file"}.
        {text.includes("FOLDER") && " FOLDER is the one with the model's files."}
      </p>
      <pre class="wrapped">{text}</pre>
      <div class="actions">
        <Copy what="command" text={text} />
        {prompts !== undefined && (
          <button
            type="button"
            onClick={() =>
              save(file, new Blob([JSON.stringify(prompts, null, 2)], { type: "application/json" }))
            }
          >
            Download the prompts
          </button>
        )}
      </div>
    </Part>
  );
}

function Files({ run }: { run: Run }) {
  const status = useSignal("");
  const saved = async (ending: string, content: () => Promise<Blob>) => {
    try {
      save(`${stemOf(run)}.${ending}`, await content());
      status.value = "";
    } catch (error) {
      status.value = `No file. ${problemOf(error).message}`;
    }
  };
  const csv = async () => new Blob([await lab.csv(rowsOf(run))], { type: "text/csv" });
  return (
    <Part title="Files">
      <p>
        JSON has all of the run: version, settings, hashes of the model, prompts with their tokens and scores,
        means and intervals. CSV has a line for each condition and prompt.
      </p>
      <div class="actions">
        <button type="button" onClick={() => saved("json", async () => wholeRun(run, await promptsOf(run)))}>
          Download JSON
        </button>
        <button type="button" onClick={() => saved("csv", csv)}>
          Download CSV
        </button>
        <p class="hint" role="status">
          {status}
        </p>
      </div>
    </Part>
  );
}

function Cite({ run }: { run: Run }) {
  const text = citation(run);
  return (
    <Part title="Cite this run">
      <p class="citation">{text}</p>
      <div class="actions">
        <Copy what="citation" text={text} />
      </div>
    </Part>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}

function Copy({ what, text }: { what: string; text: string }) {
  const status = useSignal("");
  const copy = async () => {
    try {
      await copyText(Promise.resolve(text));
      status.value = "Copied.";
    } catch {
      status.value = "The clipboard is not available: select it above and copy it.";
    }
  };
  return (
    <>
      <button type="button" onClick={copy}>
        Copy {what}
      </button>
      <p class="hint" role="status">
        {status}
      </p>
    </>
  );
}

/** The prompts of a run as its model reads them, which is asked once. */
const known = new WeakMap<Run, Promise<readonly PromptView[]>>();

function promptsOf(run: Run): Promise<readonly PromptView[]> {
  const before = known.get(run);
  if (before !== undefined) return before;
  const { source, device } = run.asked;
  const { dataset: spec, flip } = run.reply.result.spec;
  const prompts = aside((work) => lab.dataset({ source, device, head: null, spec, flip }, work));
  known.set(run, prompts);
  prompts.catch(() => known.delete(run));
  return prompts;
}

export const REPRODUCE: Panel = {
  name: "reproduce",
  title: "Reproduce",
  task: experiment,
  Controls: null,
  View,
};
