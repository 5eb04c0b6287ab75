// The settings of "What matters?", which read as a sentence: replace this by that, for each of these, at these positions, and
// measure it. What it costs stands below, before anything is run.

import { useEffect } from "preact/hooks";
import type { Choice } from "../../../pkg/cpu/patchbay.js";
import { Fields } from "../../schema/form.tsx";
import { readOf } from "../../store/prompts.ts";
import { setText, texts, textsOf } from "../../store/session.ts";
import { Price } from "../price.tsx";
import { TaskChoice } from "../task-choice.tsx";
import { idle, isByHead, isShared, patch, takesVector } from "./asked.ts";
import { Vector } from "./vector.tsx";

/** What all heads share has no place for each. */
function barred(field: string, { value }: Choice): string | null {
  const { patch_site = "" } = textsOf("patch");
  return field === "patch_over" && isByHead(value) && isShared(patch_site)
    ? `${patch_site.replaceAll(",", ", ")} ${patch_site.includes(",") ? "are" : "is"} shared by all heads`
    : null;
}

function suggested(field: string): readonly string[] | null {
  if (field !== "patch_at") return null;
  return ["all", ...Object.keys(readOf("clean")?.roles ?? {})];
}

export function Controls() {
  const now = textsOf("patch", texts.value);
  const { patch_site = "", patch_over = "" } = now;
  // The other axis that says where in a sentence a layer does something.
  useEffect(() => {
    if (isShared(patch_site) && isByHead(patch_over)) setText("patch_over", "layer,role");
  }, [patch_site, patch_over]);
  return (
    <>
      <Fields
        analysis="patch"
        groups={["question"]}
        without={idle(now)}
        barred={barred}
        suggested={suggested}
      />
      {takesVector(now.patch_edit ?? "") && <Vector />}
      <TaskChoice analysis="patch" />
      <Price task={patch} />
    </>
  );
}
