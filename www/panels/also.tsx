// A further question beside the one that Run asks: with what it costs before it is asked, a button of its own, and its answer.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Cost } from "../door/protocol.ts";
import type { Work } from "../door/work.ts";
import { source } from "../store/models/models.ts";
import { device, textsOf } from "../store/session.ts";
import { aside, ask, lab } from "../store/tasks/queue.ts";
import type { Task } from "../store/tasks/task.ts";
import { roughly } from "../text/format.ts";
import { useAsked } from "../ui/asked.ts";
import { KNOWN } from "./price.tsx";
import { AsProgram } from "./program/index.tsx";
import { ReportView } from "./report.tsx";
import { isSmall } from "./small.ts";
import "./also.css";

interface AlsoProps {
  task: Task;
  /** For names of files: "all-heads". */
  question: string;
  /** Of the section, to those who hear it. */
  label: string;
  /** Shown where there is no answer yet. */
  title: string;
  /** On the button. */
  press: string;
  /** What Run asks here: once it has been answered as the page is set, the model is there and the price can be told. */
  main: Task;
  /** Whether the page asks it by itself, at once: usually of a small model. */
  quick?: boolean;
  chose?: () => void;
  /** Of the answer's tables and figures those that are not shown here. */
  without?: readonly string[];
  /** What can be set, and what it means. */
  children?: ComponentChildren;
}

export function Also(props: AlsoProps) {
  const {
    task,
    question,
    label,
    title,
    press,
    main,
    quick = isSmall(),
    chose,
    without = [],
    children,
  } = props;
  const section = useRef<HTMLElement>(null);
  const due = task.answer.value === null || task.stale.value;
  return (
    <section class={`also ${question}`} aria-label={label} tabIndex={-1} ref={section}>
      {task.report.value === null && <h2>{title}</h2>}
      {children}
      {due && !quick && <Ask {...{ task, main, press }} gone={() => section.current?.focus()} />}
      <ReportView task={task} question={question} before={null} chose={chose} without={without} />
      {task.answer.value !== null && <AsProgram answer={task.answer.value} />}
    </section>
  );
}

interface AskProps extends Pick<AlsoProps, "task" | "main" | "press"> {
  /** The button went away with the keyboard on it. */
  gone: () => void;
}

/** What it costs is known before it is asked. */
function Ask({ task, main, press, gone }: AskProps) {
  const button = useRef<HTMLButtonElement>(null);
  const under = task.under.value;
  useEffect(() => () => void (document.activeElement === button.current && gone()), []);
  const wanted = task.wanted.value;
  const ready = !main.stale.value && !main.busy;
  // A model that is not there would be read for the sake of the price. That is only told; what is wrong with the
  // question is said when it is asked.
  const { answer: cost } = useAsked([wanted, ready], () =>
    ready ? aside((work) => costOf(task.name, work)) : null,
  );
  return (
    <div class="actions">
      <button
        type="button"
        ref={button}
        aria-disabled={under}
        onClick={() => {
          if (!under) void ask(task);
        }}
      >
        {press}
      </button>
      <p class="hint">{cost !== null && `${said(cost)}.`}</p>
    </div>
  );
}

function said({ done, seconds }: Cost): string {
  return done === 0 ? KNOWN : `This takes about ${roughly(seconds * 1000)} here`;
}

/** Tasks of this kind have the names of their analyses. */
function costOf(analysis: string, work: Work): Promise<Cost> {
  const question = { analysis, texts: textsOf(analysis) };
  return lab.cost({ source: source(), device: device.value, head: null, question, unasked: true }, work);
}
