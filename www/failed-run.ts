// How it is told that a run came to nothing: beside the form, at its fields, and to tools that drive the page.

import { setState } from "./automation.ts";
import { CANCELLED, type Problem } from "./errors.ts";
import type { FieldProblem } from "./fields.ts";
import { focusField, markProblems } from "./form.ts";
import { showMessage, showProblem, showProblems } from "./panels/message.ts";

/** The form is not right: it was not begun. */
export function refuse(problems: FieldProblem[]): void {
  markProblems(problems);
  const message = showProblems("Nothing was run.", problems);
  window.patchbay.error = { name: "BadInput", message };
  setState("error");
  focusField(problems[0]?.field ?? "");
}

/** It was begun, and failed or was cancelled. */
export function fail(problem: Problem): void {
  window.patchbay.error = { name: problem.name, message: problem.message };
  if (problem.name === CANCELLED) {
    showMessage(problem.message, { calm: true });
    setState("cancelled");
    return;
  }
  showProblem(problem);
  if (problem.field !== null) {
    markProblems([{ field: problem.field, message: problem.message }]);
    focusField(problem.field);
  }
  setState("error");
}
