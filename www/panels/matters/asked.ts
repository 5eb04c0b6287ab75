// What "What matters?" asks: a grid of edits, with the fields that say something beside each other and no others.

import type { PatchResult } from "../../../pkg/cpu/patchbay.js";
import { type Texts, texts, textsOf } from "../../store/session.ts";
import { Task } from "../../store/tasks/task.ts";

/** Activations that all heads of a layer share, which have no place for each head. */
const SHARED = ["resid_pre", "resid_mid", "resid_post", "attn_out", "mlp_out"];
/** What a head reads, whose scale may be kept. */
const INPUTS = ["q_input", "k_input", "v_input"];

/** Of several sites, whether any is. */
export const isShared = (sites: string): boolean => sites.split(",").some((site) => SHARED.includes(site));
export const isByHead = (over: string): boolean => over.includes("head");

/** Whether an edit puts a vector in. */
export const takesVector = (edit: string): boolean => ["add", "project", "project_out"].includes(edit);

/** The fields of the question that say nothing beside the others. */
export function idle({
  patch_site = "",
  patch_over = "",
  patch_metric = "",
  patch_edit = "",
}: Texts): string[] {
  return [
    ...(patch_edit === "add" ? [] : ["patch_times"]),
    ...(takesVector(patch_edit) ? [] : ["patch_vector"]),
    ...(patch_site.split(",").every((site) => INPUTS.includes(site)) ? [] : ["patch_freeze_ln"]),
    ...(/role|position/.test(patch_over) ? ["patch_at"] : []),
    ...(patch_metric === "attn_score_diff" ? [] : ["patch_scored"]),
  ];
}

export const patch = new Task<PatchResult>({
  name: "patch",
  wants: () => {
    const all = textsOf("patch", texts.value);
    const beside = idle(all);
    return {
      analysis: "patch",
      texts: Object.fromEntries(Object.entries(all).filter(([name]) => !beside.includes(name))),
    };
  },
});
