// How figures are drawn is nothing that the crate is asked, but texts of the session all the same, so that they outlast an
// answer, and links carry them: "decompose.pairs.zoom", by analysis, figure and option. What is as usual is not there.

import { isOption, type Options, optionProblem } from "../../text/options.ts";
import { schemas, texts } from "../session.ts";

type Some = Partial<Options>;

/** What is set of a figure. */
export function drawnWith(analysis: string, figure: string): Some {
  const own = `${analysis}.${figure}.`;
  const found = Object.entries(texts.value).filter(([name]) => name.startsWith(own));
  return Object.fromEntries(found.map(([name, text]) => [name.slice(own.length), text]));
}

/** `usual`: how the figure is drawn where nothing is set. */
export function setDrawn(analysis: string, figure: string, set: Some, usual: Options): void {
  const now = { ...texts.value };
  for (const [option, text] of Object.entries(set)) {
    const name = `${analysis}.${figure}.${option}`;
    if (text === usual[option as keyof Options]) delete now[name];
    else now[name] = text;
  }
  texts.value = now;
}

/** Those that version 0.1 had, as links name them. */
const OLD: Readonly<Record<string, string>> = {
  decompose_threshold: "decompose.pairs.threshold",
  decompose_zoom: "decompose.pairs.zoom",
  decompose_marks: "decompose.pairs.marks",
  replace_values: "replacements.spread.column",
  replace_layout: "replacements.spread.layout",
};

/** As the session has what a link calls so; null where it is no way of drawing. */
export function drawnName(name: string): string | null {
  const now = Object.hasOwn(OLD, name) ? (OLD[name] ?? "") : name;
  const [analysis, figure = "", option = "", ...more] = now.split(".");
  const known = schemas.value.some((schema) => schema.analysis === analysis);
  return known && /^[a-z_]+$/.test(figure) && isOption(option) && more.length === 0 ? now : null;
}

/** What is wrong with the text of such a name, or null. */
export function drawnProblem(name: string, text: string): string | null {
  const option = name.split(".").at(-1) ?? "";
  return isOption(option) ? optionProblem(option, text) : null;
}
