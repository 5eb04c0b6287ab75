// What is known of known files beforehand. It goes by the address: whoever enters that of the hub's model gets the same
// checks, for it is the same model in memory and in storage.

import hub from "../../crate/src/hub.json";
import { fileUrl, type ModelSource } from "../door/sources.ts";
import { files as mini } from "../public/models/ioi-mini/card.json";
import { WEIGHTS } from "./file-names.ts";

/** A model that is fetched. */
export type FetchedSource = Exclude<ModelSource, { kind: "folder" }>;

export interface Pin {
  size: number;
  sha256: string;
}

/** The size and hash that a file of the model must have; null where none are known. */
export function pinOf(source: FetchedSource, name: string): Pin | null {
  if (source.kind === "site") {
    const file = (mini as Record<string, { bytes: number; sha256: string }>)[name];
    return file === undefined ? null : { size: file.bytes, sha256: file.sha256 };
  }
  return isHub(source.base) && name === WEIGHTS ? hub.weights : null;
}

/** What the other files of the model at `base` must say, for the wasm to check; null where it is not known. */
export function smallFilesOf(base: string): object | null {
  return isHub(base) ? hub.small : null;
}

function isHub(base: string): boolean {
  return fileUrl(base, "") === fileUrl(hub.base, "");
}
