// What is said of models in this browser's storage.

import type { Standing, StorageReport, StoredModel } from "../door/protocol.ts";
import { bytes } from "./format.ts";

export function sizeText({ bytes: kept, total, complete, unreadable }: StoredModel): string {
  if (unreadable !== null) return `${bytes(kept)}, of no use: ${unreadable}`;
  if (complete) return bytes(kept);
  const soFar = total === null ? bytes(kept) : `${bytes(kept)} of ${bytes(total)}`;
  return `${soFar}, partial: the next run goes on from there`;
}

/** Where a stored model is not what its address has any more; "" otherwise. */
export function standingText(standing: Standing | undefined): string {
  if (standing === "replaced") return "Its owner has replaced it since. Runs go on using this copy.";
  if (standing === "gone")
    return "It is no longer at its address. Runs go on using this copy, which cannot be downloaded again.";
  return "";
}

export function usageText({ usage, quota }: StorageReport): string {
  if (usage === null) return "";
  const room = quota === null ? "" : `, of about ${bytes(quota)} that the browser allows it`;
  return `This site uses ${bytes(usage)}, the page itself included${room}.`;
}

/** Of a model that is fetched: what of it is here already, or what the next run downloads. `size`: of all in words, if known. */
export function comingText(kept: StoredModel | null, size: string | null): string {
  if (kept?.complete) return "Kept in this browser: a run needs no download.";
  if (kept !== null && kept.unreadable === null) return `Kept in this browser: ${sizeText(kept)}.`;
  return `The next run downloads ${size ?? "it"}, and keeps it in this browser.`;
}
