// What the list of stored models says.

import { bytes } from "../format.ts";
import type { Standing, StorageReport, StoredModel } from "../protocol.ts";
import { modelName } from "../sources.ts";

export function sizeText({ bytes: kept, total, complete, unreadable }: StoredModel): string {
  if (unreadable !== null) return `${bytes(kept)}, of no use: ${unreadable}`;
  if (complete) return bytes(kept);
  const soFar = total === null ? bytes(kept) : `${bytes(kept)} of ${bytes(total)}`;
  return `${soFar}, partial: the next run goes on from there`;
}

export function nameText({ id, unreadable }: StoredModel): string {
  return unreadable === null ? modelName(id) : "a model that cannot be read";
}

/** Where a stored model is not what its address has any more; "" otherwise. */
export function standingText(standing: Standing | undefined): string {
  if (standing === "replaced") return "Its owner has replaced it since. Runs go on using this copy.";
  if (standing === "gone") {
    return "It is no longer at its address. Runs go on using this copy, which cannot be downloaded again.";
  }
  return "";
}

export function usageText({ usage, quota }: StorageReport): string {
  if (usage === null) return "";
  const room = quota === null ? "" : `, of about ${bytes(quota)} that the browser allows it`;
  return `This site uses ${bytes(usage)}, the page itself included${room}.`;
}

/** What of the form's model is there already, for the line below the field; "" where there is nothing to say. */
export function keptText(id: string, { models }: StorageReport): string {
  const model = models.find((stored) => sameModel(stored.id, id));
  if (model === undefined) return "";
  return model.complete
    ? "Stored in this browser: a run needs no download."
    : `Stored in this browser: ${sizeText(model)}.`;
}

/** A base URL may be written with a slash at its end or without. */
function sameModel(one: string, other: string): boolean {
  return one.replace(/\/+$/, "") === other.replace(/\/+$/, "");
}
