// Whether what is shown of a task is the answer to what the page is set to: a mark at its headline where it is not, and why
// there is no answer to that.

import type { ComponentChildren } from "preact";
import { CANCELLED } from "../door/errors.ts";
import type { Task } from "../store/tasks/task.ts";
import { useSaid } from "../ui/said.ts";
import "./standing.css";

type Shown = Pick<Task, "partial" | "stale" | "under">;

/** "" where it is. */
function standing({ partial, stale, under }: Shown): string {
  if (partial.value !== null) return under.value ? "so far" : "cancelled: as far as it came";
  return stale.value ? "of other settings" : "";
}

/** For what is to be duller where there is a mark. */
export function standingClass(task: Shown): string {
  return standing(task) === "" ? "" : "stale";
}

/** At the end of a headline. */
export function Mark({ of }: { of: Shown }) {
  const text = standing(of);
  return text === "" ? null : (
    <>
      {" "}
      <small class="standing">{text}</small>
    </>
  );
}

/** What is of a task's answer beside its report. */
export function BesideReport({ of, children }: { of: Shown; children: ComponentChildren }) {
  return (
    <div class={`beside-report ${standingClass(of)}`}>
      {standing(of) !== "" && (
        <p>
          <Mark of={of} />
        </p>
      )}
      {children}
    </div>
  );
}

/** Why what the page is set to has no answer, where nobody else says it. */
export function Unanswered({ task }: { task: Pick<Task, "unanswered"> }) {
  const problem = task.unanswered.value;
  const text = problem === null || problem.name === CANCELLED ? "" : problem.message;
  return useSaid(text, "answer") ? (
    <p class="message bad" role="status">
      {text}
    </p>
  ) : null;
}
