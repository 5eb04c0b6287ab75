// Any answer of the crate's: the answer in words, what has to be known with it, its tables and its figures.

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { Figure, Report } from "../../pkg/cpu/patchbay.js";
import { FigureView, type Places } from "../charts/figure-view.tsx";
import { modelName } from "../door/sources.ts";
import { drawnWith, setDrawn } from "../store/link/drawn.ts";
import { answerPlace } from "../store/link/link.ts";
import { chooseHead, choosePrompt, head, prompt } from "../store/session.ts";
import { lab } from "../store/tasks/queue.ts";
import type { Task } from "../store/tasks/task.ts";
import { type Options, USUAL } from "../text/options.ts";
import { unbroken } from "../text/tokens.ts";
import { WithTerms } from "../ui/floating/term.tsx";
import { WordsTable } from "../ui/tables/words-table.tsx";
import { fileName } from "./file-name.ts";
import { withPrompts } from "./provenance.ts";
import { useEmbed } from "./share/embed.tsx";
import { Mark, standingClass, Unanswered } from "./standing.tsx";
import "./report.css";

type Chose = (places: Places, figure: Figure) => void;

interface ReportViewProps {
  task: Task;
  /** For names of files: "place". */
  question: string;
  /** Shown where there is no answer yet. */
  before: ComponentChildren;
  /** A place was chosen in one of its figures, such as a head or a prompt: by the axes' names. */
  chose?: Chose | undefined;
  /** What is chosen besides a head and a prompt. */
  chosen?: Places;
  /** How figures of these names are drawn as long as nothing else is set. */
  usual?: Readonly<Record<string, Partial<Options>>>;
  /** Of those that are not shown here. */
  without?: readonly string[];
  children?: ComponentChildren;
}

export function ReportView({
  task,
  question,
  before,
  chose,
  chosen = {},
  usual = {},
  without = [],
  children,
}: ReportViewProps) {
  const report = task.report.value;
  if (report === null)
    return (
      <div class="report">
        {before}
        <Unanswered task={task} />
      </div>
    );
  const partial = task.partial.value !== null;
  const shown = ({ name }: { name: string }) => !without.includes(name);
  return (
    <div
      id={answerPlace(task.name)}
      class={`report ${standingClass(task)}`}
      aria-busy={partial && task.under.value}
    >
      <Unanswered task={task} />
      <Answer text={report.answer} mark={<Mark of={task} />} />
      <p class="hint">
        <WithTerms text={report.about} />
      </p>
      {report.notes.map((note) => (
        <p class="note" key={note}>
          <WithTerms text={note} />
        </p>
      ))}
      {children}
      <div class="report-parts">
        {report.tables.filter(shown).map((table) => (
          <WordsTable key={table.name} table={table} />
        ))}
        {report.figures.filter(shown).map((figure) => (
          <ReportFigure
            key={figure.name}
            {...{ task, question, report, figure, chose, chosen }}
            usual={usual[figure.name]}
          />
        ))}
      </div>
    </div>
  );
}

/** The first sentence says it; the others, what belongs to it. */
function Answer({ text, mark }: { text: string; mark: ComponentChildren }) {
  const [first = "", ...more] = unbroken(text).split(/(?<=\.) (?=[A-Z])/);
  return (
    <>
      <h2>
        {first}
        {mark}
      </h2>
      {more.length > 0 && (
        <p class="lead">
          <WithTerms text={more.join(" ")} />
        </p>
      )}
    </>
  );
}

interface ReportFigureProps {
  task: Task;
  question: string;
  report: Report;
  figure: Figure;
  chose?: Chose | undefined;
  chosen?: Places;
  usual?: Partial<Options> | undefined;
  /** Which of several that are named alike, for files: "9-9". */
  part?: string;
}

/** A figure of a report, with the head and the prompt that are chosen anywhere, and as it was drawn last. */
export function ReportFigure(props: ReportFigureProps) {
  const { task, question, report, figure, chose, chosen = {}, usual: own, part } = props;
  const usual = { ...USUAL, ...own };
  const now = JSON.stringify({ ...usual, ...drawnWith(task.name, figure.name) });
  // The same object as long as it says the same: drawing takes its time.
  const options = useMemo((): Options => JSON.parse(now), [now]);
  const answer = task.answer.value;
  const name = modelName(answer?.asked.model ?? "");
  // "attention" is both a question and what is drawn of it.
  const of = figure.name.startsWith(question) ? figure.name : `${question}-${figure.name}`;
  const embed = useEmbed({ task, figure, about: report.about, options });
  return (
    <FigureView
      figure={figure}
      name={name}
      about={report.about}
      stem={["patchbay", fileName(name), of, part, report.stem].filter(Boolean).join("-")}
      csv={(frame) => lab.csv(frame)}
      // No more is known yet of what there is before the end.
      of={() => (answer?.reply.report === report ? withPrompts(answer) : { about: report.about })}
      chosen={{
        prompt: prompt.value,
        ...(head.value && { layer: head.value[0], head: head.value[1] }),
        ...chosen,
      }}
      onChoose={(places) => {
        choose(places);
        chose?.(places, figure);
      }}
      options={options}
      setOptions={(set) => setDrawn(task.name, figure.name, set, usual)}
      // A part of a figure is of a place that no link names.
      {...(part === undefined && { more: embed })}
    />
  );
}

/** By the axes' names: a head chosen once is chosen everywhere, and so is a prompt. */
function choose(place: Readonly<Record<string, number>>): void {
  if (place.layer !== undefined && place.head !== undefined) chooseHead(place.layer, place.head);
  if (place.prompt !== undefined) choosePrompt(place.prompt);
}
