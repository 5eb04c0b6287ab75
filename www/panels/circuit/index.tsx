// "Which circuit?": which heads send what others read, along single paths, and how much of the answer some heads keep where all
// others are ablated.

import type { PathResult } from "../../../pkg/cpu/patchbay.js";
import { at, endsOf, type Frame, measure } from "../../charts/frame/frame.ts";
import type { Panel } from "../../store/panel.ts";
import { panel } from "../../store/run.ts";
import { head, setText } from "../../store/session.ts";
import type { Answer, Task } from "../../store/tasks/task.ts";
import { keepAsked, keepAskedWith } from "../../store/tasks/unasked.ts";
import { WordsTable } from "../../ui/tables/words-table.tsx";
import { Also } from "../also.tsx";
import { Facts } from "../facts.tsx";
import { ReportView } from "../report.tsx";
import { isSmall } from "../small.ts";
import { BesideReport } from "../standing.tsx";
import { circuit, edges, examine, paths, STEP, step, traceQuery } from "./asked.ts";
import { Controls } from "./controls.tsx";
import { written } from "./entries.ts";
import "./circuit.css";

const TASKS: Readonly<Record<string, Task>> = { paths, circuit };

function View() {
  return (
    <div class="circuit">
      {step.value === "paths" ? <Paths /> : <Circuit />}
      <Reading />
    </div>
  );
}

function Paths() {
  const answer = paths.answer.value;
  const report = paths.report.value;
  return (
    <>
      <ReportView
        task={paths}
        question="paths"
        without={["means"]}
        before={
          <>
            <h2>Which heads send the answer on?</h2>
            <p class="lead">
              Of one head at a time, what it sends to the logits, or to what other heads read, becomes the
              corrupted run's, and everything else stays as it was. Run asks it.
            </p>
          </>
        }
      >
        {answer !== null && <Next answer={answer} />}
      </ReportView>
      {report !== null && (
        <BesideReport of={paths}>
          {report.tables.map((table) => (
            <WordsTable key={table.name} table={table} />
          ))}
          {answer !== null && <Facts answer={answer} />}
        </BesideReport>
      )}
    </>
  );
}

/** What the paths lead to. */
function Next({ answer }: { answer: Answer<PathResult> }) {
  const [layer = 0, index = 0] = head.value ?? [];
  const largest = answer.reply.report?.figures.find(({ name }) => name === "largest")?.frame;
  const sure = largest === undefined ? [] : sureIn(largest);
  // What keys and values are made of is sent from everywhere.
  const { receivers } = answer.reply.result.spec;
  const everywhere = receivers.some((receiver) => /[kv]$/.test(receiver));
  // What reads belongs to it, at END, where the answer is.
  const readers = receivers.flatMap((receiver) => /^\d+\.\d+/.exec(receiver) ?? []);
  return (
    <div class="actions">
      {layer > 0 && !receivers.includes(`${layer}.${index}.q`) && (
        <button type="button" onClick={() => traceQuery(layer, index)}>
          Who writes what the query of {layer}.{index} reads?
        </button>
      )}
      {sure.length > 0 && (
        <button
          type="button"
          onClick={() => {
            const senders = sure.map((name) => `${name}@${everywhere ? "all" : "END"}`);
            setText("circuit_keep", written([...senders, ...new Set(readers.map((name) => `${name}@END`))]));
            setText(STEP, "circuit");
          }}
        >
          Test the {sure.length === 1 ? "head" : `${sure.length} heads`} that surely send
          {readers.length > 0 && ", with what reads it,"} as a circuit
        </button>
      )}
    </div>
  );
}

/** The heads of a rank whose intervals do not span 0. */
function sureIn(rank: Frame): string[] {
  const column = measure(rank);
  const ends = endsOf(rank, column);
  return (rank.axes[0]?.labels ?? []).filter((_, i) => {
    const [low, high] = ends ? [at(ends.low, i), at(ends.high, i)] : [null, null];
    return low !== null && high !== null && (low > 0 || high < 0);
  });
}

function Circuit() {
  const answer = circuit.answer.value;
  return (
    <>
      <ReportView
        task={circuit}
        question="circuit"
        without={["nodes"]}
        before={
          <>
            <h2>How much of the answer do some heads keep by themselves?</h2>
            <p class="lead">
              The heads that are named stay as they are, at the positions that are named; every other head is
              ablated. Run asks it.
            </p>
          </>
        }
      />
      {answer !== null && (
        <>
          <Also
            task={examine}
            question="examine"
            label="What each node adds"
            title="What is lost without each node?"
            press="Leave each node out"
            main={circuit}
          />
          <Also
            task={edges}
            question="edges"
            label="The circuit, drawn"
            title="What do the nodes send each other?"
            press="Trace the paths between them"
            main={circuit}
          />
          <BesideReport of={circuit}>
            {answer.reply.report?.tables.map((table) => (
              <WordsTable key={table.name} table={table} />
            ))}
            <Facts answer={answer} />
          </BesideReport>
        </>
      )}
    </>
  );
}

/** How an answer is read, and what it does not say. */
function Reading() {
  return (
    <details class="folded">
      <summary>How to read it, and what it does not say</summary>
      <div class="prose">
        <p>
          <strong>A path</strong> goes from what one head writes to what another one makes its query, key or
          value of, or to the logits, past all heads between them. In a first run only the sender is as in the
          corrupted run and all other heads are as in the clean one; what the receiver reads there is put into
          a second, clean run, whose metric is told. Queries and logits are read at END, keys and values
          everywhere; within a circuit a head reads at its own positions.
        </p>
        <p>
          <strong>Faithfulness</strong> is the circuit's metric as a share of the whole model's, where all
          heads outside of the circuit are ablated at every position and MLPs stay. It can be above 100%:
          heads that work against the answer are left out too. Wang et al. 2022 take means over prompts with
          three other names, which is the corruption <code>abc</code>.
        </p>
        <p>
          <strong>What it does not say.</strong> A circuit that keeps the answer need not be the only one, nor
          complete: others may do the same where its heads fail. A node that adds nothing by itself may still
          be one of several that can stand in for each other, which “without its class” shows where classes
          are known.
        </p>
      </div>
    </details>
  );
}

let begun = false;

function unasked(): void {
  if (begun) return;
  begun = true;
  const here = (of: string) => panel.value?.name === CIRCUIT.name && step.value === of && isSmall();
  keepAsked(paths, { when: () => here("paths") });
  keepAskedWith(circuit, [examine, edges], { when: () => here("circuit") });
}

export { traceQuery };

export const CIRCUIT: Panel = {
  name: "circuit",
  title: "Which circuit?",
  analyses: ["paths", "circuit"],
  get task() {
    return TASKS[step.value] ?? null;
  },
  by: { field: STEP, tasks: [paths, circuit] },
  also: [examine, edges],
  Controls,
  View,
  unasked,
};
