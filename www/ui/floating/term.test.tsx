// @vitest-environment happy-dom
import { cleanup, render } from "@testing-library/preact";
import { afterEach, expect, it } from "vitest";
import { WithTerms } from "./term.tsx";

afterEach(cleanup);

/** Without the explanations, which are there and not shown. */
function said(text: string): Element {
  const { container } = render(<WithTerms text={text} />);
  for (const note of container.querySelectorAll("[role=tooltip]")) note.remove();
  return container;
}

it("a bracket before a term stays with it at the end of a line", () => {
  const text = "It is 2.17 (95% CI [1.98, 2.34]) at END, and 0.07 at S1 (";
  const found = said(text);
  expect(found.textContent).toBe(text);
  expect([...found.querySelectorAll(".joined")].map((it) => it.textContent)).toEqual(["(95% CI"]);
});
