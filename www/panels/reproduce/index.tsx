// "Reproduce": what lets others repeat the shown run and hold theirs against it. The crate says and writes all of it.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Offered } from "../../../pkg/cpu/patchbay.js";
import type { Panel } from "../../store/panel.ts";
import { lab } from "../../store/tasks/queue.ts";
import { Actions, copyOf, fileOf } from "../../ui/actions.tsx";
import { useAsked } from "../../ui/asked.ts";
import { WordsTable } from "../../ui/tables/words-table.tsx";
import { finished, type Run } from "../finished.ts";
import { experiment } from "../place/tasks.ts";
import { Program, useLibraries } from "../program/index.tsx";
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
  const libraries = useLibraries(run);
  const files = (...wanted: string[]) => {
    const offered = answer?.files.filter(({ what }) => wanted.includes(what)) ?? [];
    return offered.map((file) => fileOf(file.what, file, () => textOf(run, file)));
  };
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
            {libraries.length > 0 && (
              <Part title="As code for another library">
                <Program answer={run} libraries={libraries} />
              </Part>
            )}
          </div>
          <div>
            <Part title="On the command line">
              <p>{answer.about_command}</p>
              <pre class="wrapped">{answer.command}</pre>
              <Actions actions={[copyOf("command", async () => answer.command), ...files("prompts")]} />
            </Part>
            <Part title="Files">
              <p>
                JSON has all of the run: version, settings, hashes of the model, prompts with their positions
                and scores, means and intervals. CSV has a line for each condition and prompt.
              </p>
              <Actions actions={files("JSON", "CSV")} />
            </Part>
            <Part title="Cite this run">
              <p class="citation">{answer.citation}</p>
              <Actions actions={[copyOf("citation", async () => answer.citation)]} />
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
