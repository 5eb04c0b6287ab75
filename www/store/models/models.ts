// Choosing a model, and remembering the last one from visit to visit. A choice takes effect with the next run; nothing is
// fetched before.

import { batch, signal } from "@preact/signals";
import { small } from "../../../crate/src/hub.json";
import { NamedError } from "../../door/errors.ts";
import {
  FOLDER_ID,
  folderSource,
  HUB_ID,
  MINI_ID,
  type ModelSource,
  modelIdProblem,
  plainId,
  urlSource,
} from "../../door/sources.ts";
import { folder, known, model, problems, setText, texts } from "../session.ts";

/** Throws what is wrong with the id. */
export function chooseModel(id: string): void {
  const problem = modelIdProblem(id);
  if (problem !== null) throw new NamedError("BadInput", problem, { field: "model" });
  take(plainId(id));
}

/** Throws what is wrong with the folder. */
export function chooseFolder(files: readonly File[]): void {
  const picked = folderSource(files);
  batch(() => {
    folder.value = picked;
    take(FOLDER_ID);
  });
}

function take(id: string): void {
  batch(() => {
    if (id !== model.value && !keepsHead(model.value, id)) {
      setText("layer", "");
      setText("head", "");
    }
    model.value = id;
    problems.value = problems.value.filter(({ field }) => field !== "model");
  });
  remember(id);
}

/**
 * Whether a head that was chosen in the one model is asked about in the other as well, as one does with models of the same
 * make. A head of the toy is no head of any other model; and one that is known not to be there cannot be meant.
 */
function keepsHead(from: string, to: string): boolean {
  if (from === MINI_ID || to === MINI_ID) return false;
  const shape = to === HUB_ID ? small.config : known.value?.id === to ? known.value.info : null;
  const { layer = "", head = "" } = texts.value;
  return shape === null || (Number(layer) < shape.n_layer && Number(head) < shape.n_head);
}

/** The chosen one, as something to be read. Throws where no folder has been picked yet, or the address is none. */
export function source(): ModelSource {
  if (model.value !== FOLDER_ID) return urlSource(model.value);
  if (folder.value === null)
    throw new NamedError("BadInput", "pick the folder that holds the model's files", { field: "model" });
  return folder.value;
}

const KEY = "patchbay last model";

/** The model that was used last, in this visit or the one before it; null where that is not known. */
export const lastModel = signal(recall());

/** Of a folder nothing can be remembered, and of an address never its query, which may be a signature. */
export function remember(id: string): void {
  if (id === FOLDER_ID) return;
  lastModel.value = plainId(id);
  try {
    localStorage.setItem(KEY, plainId(id));
  } catch {
    // A browser that keeps nothing opens the next time as it did the first.
  }
}

function recall(): string | null {
  try {
    const id = localStorage.getItem(KEY);
    return id === null || id === FOLDER_ID || modelIdProblem(id) !== null ? null : plainId(id);
  } catch {
    return null;
  }
}
