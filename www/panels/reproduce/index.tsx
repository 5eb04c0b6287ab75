// "Reproduce": what lets others repeat the shown run and hold theirs against it.

import { useSignal } from "@preact/signals";
import { problemOf } from "../../door/errors.ts";
import type { Panel } from "../../store/panel.ts";
import { lab } from "../../store/queue.ts";
import { score } from "../../text/format.ts";
import { save } from "../../ui/save.ts";
import { WordsTable } from "../../ui/words-table.tsx";
import { experiment } from "../place/tasks.ts";
import { compared } from "../verdict.tsx";
import { promptsOf, rowsOf, wholeRun } from "./files.ts";
import { Copy, Part } from "./part.tsx";
import { Script } from "./script-part.tsx";
import { citation, commandLine, notebookFigures, type Run, stemOf } from "./words.ts";
import "./reproduce.css";

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
        <Script key={run.date} run={run} />
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

export const REPRODUCE: Panel = {
  name: "reproduce",
  title: "Reproduce",
  task: experiment,
  Controls: null,
  View,
};
