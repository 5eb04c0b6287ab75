// The one place for errors: what was expected, what was found, what to do.

import { byId, element } from "../dom.ts";
import type { Problem } from "../errors.ts";
import type { FieldProblem } from "../fields.ts";
import { labelOf } from "../form.ts";

const box = byId("message", HTMLElement);

export function clearMessage(): void {
  // The keyboard may be on a button in it.
  const hadKeyboard = box.contains(document.activeElement);
  box.replaceChildren();
  if (hadKeyboard) byId("run", HTMLButtonElement).focus();
}

/** `calm`: news, not an error. */
export function showMessage(text: string, { calm = false } = {}): void {
  show([element("p", {}, text)], calm);
}

function show(content: Node[], calm: boolean): void {
  box.classList.toggle("calm", calm);
  box.replaceChildren(...content);
  // It may be above or below what is in view.
  box.scrollIntoView({ block: "nearest" });
}

export function showProblem(problem: Problem): void {
  const prefix = problem.field === null ? "" : `${labelOf(problem.field)}: `;
  showMessage(prefix + problem.message);
  if (problem.reload) {
    const button = element("button", { type: "button", id: "reload" }, "Reload the page");
    button.addEventListener("click", () => location.reload());
    box.append(button);
  }
  // It submits the form that it stands in, as Run does.
  const again = problem.again ? "Fetch again" : "Run again";
  if (problem.again || problem.restart || problem.reload)
    box.append(element("button", { type: "submit", id: "again" }, again));
}

/** A problem of the page's opening, before there is anything to run. Answers when another try is asked for. */
export function offerAnotherTry({ message }: Problem): Promise<void> {
  showMessage(message);
  const button = element("button", { type: "button", id: "again" }, "Try again");
  box.append(button);
  return new Promise((asked) => {
    button.addEventListener("click", () => asked(clearMessage()), { once: true });
  });
}

/** `intro`, then each problem with its field's name. Answers with the same as one text. */
export function showProblems(intro: string, problems: readonly FieldProblem[], nameOf = labelOf): string {
  const lines = problems.map(({ field, message }) => `${nameOf(field)}: ${message}.`);
  const text = [intro, ...lines].join(" ");
  if (lines.length === 1) showMessage(text);
  else
    show(
      [element("p", {}, intro), element("ul", {}, ...lines.map((line) => element("li", {}, line)))],
      false,
    );
  return text;
}
