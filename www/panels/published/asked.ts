// What is asked: the crate's comparison of a model with the figures that others have published of GPT-2 small, which are a file of
// the site. Of other weights it would say nothing, so it is asked of these alone, by their hash.

import { computed, signal } from "@preact/signals";
import { weights as hub } from "../../../crate/src/hub.json";
// Not a part of the page's script, which most never need it for.
import address from "../../../crate/src/published/gpt2-small.json?url";
import type { VerifyResult } from "../../../pkg/cpu/patchbay.js";
import { NamedError } from "../../door/errors.ts";
import { HUB_ID } from "../../door/sources.ts";
import { model, weights } from "../../store/session.ts";
import { Task } from "../../store/tasks/task.ts";

const figures = signal<unknown>(null);

/** Throws where the file does not come. */
export async function fetchFigures(): Promise<void> {
  if (figures.value !== null) return;
  const response = await fetch(address);
  if (!response.ok)
    throw new NamedError(
      "Error",
      `The published figures could not be fetched: the site answered ${response.status}.`,
    );
  figures.value = await response.json();
}

/** Whether the chosen model has the weights that the figures are of. The hub's GPT-2 is refused where its hash is another. */
export const whose = computed((): "theirs" | "others" | "unknown" => {
  const { id, sha256 } = weights.value ?? {};
  if (id === model.value) return sha256 === hub.sha256 ? "theirs" : "others";
  return model.value === HUB_ID ? "theirs" : "unknown";
});

export const verify = new Task<VerifyResult>({
  name: "verify",
  wants: () =>
    whose.value === "theirs" && figures.value !== null
      ? { spec: { analysis: "verify", figures: figures.value } }
      : null,
});
