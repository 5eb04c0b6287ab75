// A prompt's tokens as a row to choose from, and one strip a condition: the same tokens, coloured by a query's values.

import type { AttentionResult } from "../../pkg/cpu/patchbay.js";
import { element } from "../dom.ts";
import {
  comparison,
  type Measure,
  measured,
  rolesOf,
  type Strip,
  scaleLimit,
  stripsOf,
  tokenName,
  tokenText,
} from "../panels/attention-text.ts";
import { setPlace } from "./grid.ts";

/** A button for each token. */
export function queryButtons(result: AttentionResult): HTMLElement[] {
  return result.tokens.map((_, at) => {
    const name = `query ${at}, ${tokenName(result, at)}`;
    const button = element("button", { type: "button", "aria-label": name });
    dress(button, result, at);
    setPlace(button, { row: 0, column: at });
    return button;
  });
}

/** A grid whose rows are the conditions and whose columns are the keys. */
export function attentionStrips(result: AttentionResult, measure: Measure, query: number): HTMLElement {
  const limit = scaleLimit(result, measure, query);
  const strips = stripsOf(result, measure, query).map((strip, row) => {
    const cells = result.tokens.map((_, key) => {
      const cell = keyCell(result, strip, key, measure, limit);
      setPlace(cell, { row, column: key });
      return cell;
    });
    return element(
      "div",
      { role: "row", class: "strip" },
      element(
        "div",
        { role: "rowheader", class: "strip-name" },
        element("strong", {}, strip.condition),
        " ",
        element("span", { class: "hint" }, comparison(strip, result.positions, measure)),
      ),
      element("div", { role: "presentation", class: "tokens" }, ...cells),
    );
  });
  return element("div", { role: "grid", "aria-label": `Attention ${measure} of the query` }, ...strips);
}

function keyCell(
  result: AttentionResult,
  { condition, values }: Strip,
  key: number,
  measure: Measure,
  limit: number,
): HTMLElement {
  const value = values[key];
  const text = value === undefined ? "not seen" : measured(value, measure);
  const label = `key ${key}, ${tokenName(result, key)}, ${condition} ${text}`;
  const cell = element("span", { role: "gridcell", "aria-label": label });
  dress(cell, result, key);
  if (value === undefined) cell.classList.add("unseen");
  else {
    cell.classList.add(value < 0 ? "minus" : "plus");
    cell.style.setProperty("--strength", `${((Math.min(limit, Math.abs(value)) / limit) * 100).toFixed(1)}%`);
  }
  return cell;
}

/** The token as everywhere: its text, with its role below. */
function dress(it: HTMLElement, { tokens, positions }: AttentionResult, at: number): void {
  const text = tokenText(tokens[at] ?? "");
  it.classList.add("token");
  it.classList.toggle("spaced", text.startsWith(" "));
  it.append(
    // Both are in the token's own name; the role is drawn by the style sheet, so that it is no part of the token's text.
    element("span", { class: "token-text", "aria-hidden": "true" }, text),
    element("span", { class: "token-role", "data-role": rolesOf(positions).get(at) ?? "" }),
  );
}
