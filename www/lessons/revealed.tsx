// After the guess: what the page answers, in the crate's words and of whatever the page is set to now; what was published of
// GPT-2 small; where the toy differs; what to try.

import { MINI_ID, shortName } from "../door/sources.ts";
import { answerPlace } from "../store/link/link.ts";
import { tasksOf } from "../store/panel.ts";
import { READINGS } from "../store/prompts.ts";
import { asking, runNow } from "../store/run.ts";
import { model } from "../store/session.ts";
import { ask } from "../store/tasks/queue.ts";
import type { Task } from "../store/tasks/task.ts";
import { unbroken } from "../text/tokens.ts";
import { WithTerms } from "../ui/floating/term.tsx";
import { filled, type LessonStep, panelOf } from "./lesson.ts";

/** Whose answer the step shows. */
function taskOf({ state, says }: LessonStep): Task | null {
  if (says.task === "clean") return READINGS.clean;
  const panel = panelOf(state.question);
  return (panel && tasksOf(panel).find(({ name }) => name === says.task)) ?? null;
}

const isDue = (task: Task): boolean => task.answer.value === null || task.stale.value;

/** Has the step's answer computed. The page asks a small model by itself; a large one is fetched and run for this press. */
export async function reveal(step: LessonStep): Promise<void> {
  const task = taskOf(step);
  if (task === null || model.value === MINI_ID) return;
  if (asking.value !== null && isDue(asking.value)) await runNow();
  const failed = asking.value !== null && isDue(asking.value);
  if (!failed && task !== asking.value && isDue(task)) await ask(task);
}

/** The sentences of an answer that the step is about. */
function saidOf(task: Task, sentence: number | undefined): string {
  const text = task.answer.value?.reply.report?.answer ?? "";
  if (sentence === undefined) return text;
  return text.split(/(?<=\.) (?=[A-Z])/)[sentence - 1] ?? text;
}

interface RevealedProps {
  step: LessonStep;
  question: string;
  /** What stands for the names in braces. */
  words: Readonly<Record<string, string>>;
  guessed: string;
  /** Takes the guess back. */
  again: () => void;
}

export function Revealed({ step, question, words, guessed, again }: RevealedProps) {
  const { says, published, toy } = step;
  const task = taskOf(step);
  return (
    <>
      <p>
        <strong>{question}</strong>
      </p>
      <p class="guessed">
        {guessed === "" ? "You looked without a guess. " : `Your guess: ${guessed}. `}
        <button type="button" class="link" onClick={again}>
          Guess again
        </button>
      </p>
      <div class="says" aria-live="polite">
        <h3>{shortName(model.value)} in this page</h3>
        {task !== null && <Says task={task} sentence={says.sentence} ask={() => void reveal(step)} />}
      </div>
      <h3>Published of GPT-2 small</h3>
      <p>{filled(published, words)}</p>
      {model.value === MINI_ID && (
        <>
          <h3>Where the toy differs</h3>
          <p>{filled(toy, words)}</p>
        </>
      )}
      <h3>To try</h3>
      <ul>
        {step.try.map((text) => (
          <li key={text}>{filled(text, words)}</li>
        ))}
      </ul>
    </>
  );
}

interface SaysProps {
  task: Task;
  sentence: number | undefined;
  ask: () => void;
}

function Says({ task, sentence, ask }: SaysProps) {
  if (!isDue(task))
    return (
      <>
        <p>
          <WithTerms text={unbroken(saidOf(task, sentence))} />
        </p>
        <a href={`#${answerPlace(task.name)}`}>See it on the page</a>
      </>
    );
  if (task.under.value || model.value === MINI_ID)
    return <p class="hint">{task.unanswered.value?.message ?? "It is being computed."}</p>;
  return (
    <button type="button" onClick={ask}>
      Run it with {shortName(model.value)}
    </button>
  );
}
