// The runs that have ended: one is shown again, its settings go back into the form, two are compared, one is removed.

import { batch, signal } from "@preact/signals";
import type { Panel } from "../../store/panel.ts";
import { message, panels } from "../../store/run.ts";
import {
  type Kept,
  removeRun,
  removeUnreadable,
  runs,
  unkept,
  unreadableRuns,
} from "../../store/runs/runs.ts";
import { defaults, device, goTo, model, problems, setText, texts } from "../../store/session.ts";
import { ActionGrid } from "../../ui/tables/action-grid.tsx";
import { Comparison } from "./comparison.tsx";
import "./runs.css";
import { aboutText, meansText, timeText } from "./words.ts";

/** Keys of those that are ticked; two at most. */
const ticked = signal<readonly string[]>([]);
const status = signal("");

function View() {
  const kept = runs.value;
  const [one, other] = kept
    .filter(({ key }) => ticked.value.includes(key))
    .sort((a, b) => a.number - b.number);
  return (
    <div class="runs">
      <h2>Runs</h2>
      <p class="hint">
        The last 20 runs stay in this browser. Show one again, put its settings back into the form, or tick
        two to see them side by side.
      </p>
      {unkept.value !== null && <p class="note">{unkept}</p>}
      <Unreadable />
      <ActionGrid
        label="Finished runs"
        rows={kept.map(row)}
        empty="None yet: a run that ends well is listed here."
      />
      <p class="hint" role="status">
        {status}
      </p>
      {one && other && <Comparison pair={[one, other]} title={titleOf} />}
    </div>
  );
}

function Unreadable() {
  const { length } = unreadableRuns.value;
  if (length === 0) return null;
  return (
    <div class="actions">
      <p class="note">
        {length === 1 ? "1 kept run" : `${length} kept runs`} cannot be read: another version of this page has
        written
        {length === 1 ? " it, or it is" : " them, or they are"} damaged.
      </p>
      <button type="button" onClick={() => void removeUnreadable()}>
        Delete {length === 1 ? "it" : "them"}
      </button>
    </div>
  );
}

function row(run: Kept) {
  const { key, number, panel, answer } = run;
  const shown = taskOf(run)?.answer.value === answer;
  const of = <span class="visually-hidden"> run {number}</span>;
  const means = meansText(run);
  const head = (
    <>
      <p>
        <strong>
          Run {number}: {titleOf(panel)}
        </strong>{" "}
        <span class="hint">
          {shown && "shown · "}
          <time dateTime={answer.date}>{timeText(answer.date)}</time>
        </span>
      </p>
      <p>{answer.reply.report?.answer}</p>
      {means !== "" && <p class="means">{means}</p>}
      <p class="hint">{aboutText(run)}</p>
    </>
  );
  const actions = [
    taskOf(run) !== null && (
      <button type="button" onClick={() => show(run)}>
        Show{of}
      </button>
    ),
    "texts" in answer.asked.question && (
      <button type="button" onClick={() => use(run)}>
        Use settings<span class="visually-hidden"> of run {number}</span>
      </button>
    ),
    <label key="compare">
      <input
        type="checkbox"
        checked={ticked.value.includes(key)}
        onChange={({ currentTarget }) => {
          currentTarget.checked = tick(run, currentTarget.checked);
        }}
      />{" "}
      Compare{of}
    </label>,
    <button type="button" key="remove" onClick={() => void remove(run)}>
      Remove{of}
    </button>,
  ];
  return { key, head, actions, current: shown };
}

/** The panel may be another version's. */
const panelOf = (name: string) => panels.value.find((panel) => panel.name === name);
const titleOf = (name: string) => panelOf(name)?.title ?? name;
/** Of several, the one that was asked. */
function taskOf({ panel, answer }: Kept) {
  const { by, task = null } = panelOf(panel) ?? {};
  const { question } = answer.asked;
  const name = "analysis" in question ? question.analysis : "";
  return by?.tasks.find((task) => task.name === name) ?? task;
}

function show(run: Kept): void {
  const { by } = panelOf(run.panel) ?? {};
  batch(() => {
    if (by !== undefined) setText(by.field, taskOf(run)?.name ?? "");
    taskOf(run)?.show(run.answer);
    message.value = { problem: null, news: `Run ${run.number} is shown.` };
    goTo(run.panel, { arrive: true });
  });
}

function use({ number, panel, answer: { asked } }: Kept): void {
  const { question } = asked;
  if (!("texts" in question)) return;
  const known = Object.entries(question.texts).filter(([name]) => Object.hasOwn(defaults.value, name));
  batch(() => {
    texts.value = { ...texts.value, ...Object.fromEntries(known) };
    model.value = asked.model;
    device.value = asked.device;
    problems.value = [];
    message.value = { problem: null, news: `The settings of run ${number} are in the form.` };
    goTo(panel, { arrive: true });
  });
}

/** Answers with whether it is ticked then. */
function tick(run: Kept, on: boolean): boolean {
  const others = runs.value.filter(({ key }) => key !== run.key && ticked.value.includes(key));
  const [first, second] = others.map(({ number }) => number).sort((a, b) => a - b);
  if (on && second !== undefined) {
    status.value = `Two runs are the most that can be compared. Untick run ${first} or run ${second} first.`;
    return false;
  }
  batch(() => {
    ticked.value = [...others.map(({ key }) => key), ...(on ? [run.key] : [])];
    status.value = ticked.value.length === 1 ? "Tick a second run to compare." : "";
  });
  return on;
}

async function remove(run: Kept): Promise<void> {
  ticked.value = ticked.value.filter((key) => key !== run.key);
  status.value = `Run ${run.number} is removed from the list.`;
  await removeRun(run);
}

export const RUNS: Panel = { name: "runs", title: "Runs", task: null, Controls: null, View };
