// The one place for errors: what was expected, what was found, what to do.

import { byId, element } from "../dom.ts";
import type { Problem } from "../errors.ts";
import type { FieldProblem } from "../fields.ts";
import { labelOf } from "../form.ts";

const box = byId("message", HTMLElement);

export function clearMessage(): void {
  box.replaceChildren();
}

/** `calm`: news, not an error. */
export function showMessage(text: string, { calm = false } = {}): void {
  box.classList.toggle("calm", calm);
  box.replaceChildren(element("p", {}, text));
}

export function showProblem(problem: Problem): void {
  const prefix = problem.field === null ? "" : `${labelOf(problem.field)}: `;
  showMessage(prefix + problem.message);
  if (!problem.reload) return;
  const button = element("button", { type: "button", id: "reload" }, "Reload the page");
  button.addEventListener("click", () => location.reload());
  box.append(button);
}

/** `intro`, then each problem with its field's name. */
export function showProblems(intro: string, problems: readonly FieldProblem[], nameOf = labelOf): string {
  const text = [intro, ...problems.map(({ field, message }) => `${nameOf(field)}: ${message}.`)].join(" ");
  showMessage(text);
  return text;
}
