// "What matters?": one edit at every place of a grid, each by itself, and what it does to the answer. A map of all, the largest
// with their intervals, and the prompts behind the cell that is open.

import type { Figure, Places } from "../../charts/figure-view.tsx";
import type { Panel } from "../../store/panel.ts";
import { panel } from "../../store/run.ts";
import { keepAsked } from "../../store/tasks/unasked.ts";
import { WordsTable } from "../../ui/tables/words-table.tsx";
import { Facts } from "../facts.tsx";
import { ReportView } from "../report.tsx";
import { isSmall } from "../small.ts";
import { BesideReport } from "../standing.tsx";
import { patch } from "./asked.ts";
import { BesideARun } from "./beside.tsx";
import { CellView, mapOf, open, openCell } from "./cell.tsx";
import { cellAt, cellNamed, isOfHeads, placesIn } from "./cells.ts";
import { Closer, closer } from "./closer.tsx";
import { Controls } from "./controls.tsx";
import { Take } from "./take.tsx";
import "./matters.css";

/** A place was chosen in the map or among the largest. */
function chose(places: Places, figure: Figure): void {
  const frame = mapOf(patch.report.value);
  if (frame === null) return;
  if (figure.name === "map") {
    const cell = cellAt(frame, places);
    if (cell !== null) open(frame, cell);
  }
  const [rank] = figure.frame.axes;
  // What a rank calls "9.9" is a head, which has been chosen already.
  const isRank = figure.name === "largest" && places.layer === undefined;
  const row = isRank && rank ? places[rank.name] : undefined;
  const cell = row === undefined ? null : cellNamed(frame, rank?.labels[row] ?? "");
  if (cell !== null) open(frame, cell);
}

function View() {
  const { value: answer } = patch.answer;
  const report = patch.report.value;
  const frame = mapOf(report);
  const cell = report === null ? null : openCell(report);
  const isWhole = answer !== null && answer.reply.report === report;
  const wide = (frame?.axes.length ?? 0) > 2;
  return (
    <div class={wide ? "matters wide" : "matters"}>
      <ReportView
        task={patch}
        question="matters"
        without={["means"]}
        chose={chose}
        chosen={frame !== null && cell !== null && !isOfHeads(frame) ? placesIn(frame, cell) : {}}
        before={<Before />}
      />
      {report !== null && (
        <BesideReport of={patch}>
          {isWhole && frame !== null && cell !== null && (
            <CellView answer={answer} report={report} frame={frame} cell={cell}>
              <Closer />
            </CellView>
          )}
          {isWhole && <BesideARun answer={answer} />}
          {report.tables.map((table) => (
            <WordsTable key={table.name} table={table} />
          ))}
          {answer !== null && <Facts answer={answer} />}
        </BesideReport>
      )}
      <Take />
      <Reading />
    </div>
  );
}

function Before() {
  return (
    <>
      <h2>Which parts of the model does the answer hang on?</h2>
      <p class="lead">
        One activation at a time is replaced, and everything after it computed anew: what then becomes of the
        answer is what that place matters by itself. Run asks it.
      </p>
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
          <strong>Two runs.</strong> Every prompt has a corrupted twin with another answer, or none. Putting
          the clean run's value into the corrupted run asks whether it is enough to bring the answer back;
          putting the corrupted run's into the clean one asks whether it is needed. These are different
          questions: where others do the same work, nothing is needed by itself.
        </p>
        <p>
          <strong>A share</strong> is told of the way between the two runs' means, or of the clean run's mean
          where something is set to zero or to a mean, and only where it is certain that this is not 0. A
          cell's number is a mean over prompts, and its interval says how far other prompts of the same kind
          could move it.
        </p>
        <p>
          <strong>What it does not say.</strong> Each edit is by itself. Shares of several places do not add
          up: one place may pass on what another wrote. Zero is no value that a head usually has, so that what
          it breaks may be more than what the head does; a mean is nearer to that.
        </p>
      </div>
    </details>
  );
}

let begun = false;

function unasked(): void {
  if (begun) return;
  begun = true;
  const when = () => panel.value?.name === MATTERS.name && isSmall();
  keepAsked(patch, { when });
  keepAsked(closer, { when: () => when() && !patch.under.value, quiet: true });
}

export const MATTERS: Panel = {
  name: "matters",
  title: "What matters?",
  analyses: ["patch", "cache"],
  task: patch,
  Controls,
  View,
  unasked,
};
