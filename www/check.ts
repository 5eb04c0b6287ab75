// Everything that can be known about the form's texts before a model is: the page's own rules, and what only the
// crate knows (whether a flip can be read, whether n is even where it must be). All problems at once.

import type { ExperimentSpec, Preview } from "../pkg/cpu/patchbay.js";
import { isNamed, problemOf } from "./errors.ts";
import type { FieldProblem, Texts } from "./fields.ts";
import {
  FIELD_NAMES,
  isFieldName,
  problemsOf,
  settingsForSpec,
  settingsOf,
  specOf,
  textsOf,
} from "./fields.ts";
import type { Lab } from "./lab.ts";

export interface Checked {
  problems: FieldProblem[];
  /** The first prompts; null where a problem stands in their way. */
  preview: Preview | null;
}

type Prober = Pick<Lab, "checkFlip" | "preview">;

export async function check(
  lab: Prober,
  texts: Texts,
  defaults: ExperimentSpec,
  count: number,
): Promise<Checked> {
  const problems = problemsOf(texts);
  if (!problems.some(({ field }) => field === "flip")) {
    problems.push(...(await problemsIn(() => lab.checkFlip(texts.flip))));
  }
  // A wrong field is taken for right here, so that one mistake does not hide another.
  const { dataset, flip } = specOf(settingsOf(mended(texts, problems, defaults)));
  let preview: Preview | null = null;
  const sound = !problems.some(({ field }) => PROMPT_FIELDS.has(field));
  problems.push(
    ...(await problemsIn(async () => {
      const made = await lab.preview(dataset, flip, count);
      if (sound) preview = made;
    })),
  );
  // In the order of the form.
  const place = ({ field }: FieldProblem) => FIELD_ORDER.indexOf(field);
  return { problems: problems.sort((one, other) => place(one) - place(other)), preview };
}

const FIELD_ORDER: readonly string[] = FIELD_NAMES;
const PROMPT_FIELDS = new Set(["n", "seed", "symmetric", "prompt_type", "prepend_bos", "flip", "prompts"]);

function mended(texts: Texts, problems: readonly FieldProblem[], defaults: ExperimentSpec): Texts {
  const good = textsOf(settingsForSpec(defaults));
  const mended = { ...texts };
  for (const { field } of problems) {
    if (isFieldName(field)) mended[field] = good[field];
  }
  return mended;
}

async function problemsIn(work: () => Promise<void>): Promise<FieldProblem[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (!isNamed(error, "BadInput")) throw error;
    const { field, message } = problemOf(error);
    // Its sentence is about to become part of a longer one.
    return [{ field: field ?? "form", message: message.replace(/\.$/, "") }];
  }
}
