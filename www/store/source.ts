// The model that the page is set to, as something to be read.

import { NamedError } from "../door/errors.ts";
import { FOLDER_ID, type ModelSource, urlSource } from "../door/sources.ts";
import { folder, model } from "./session.ts";

/** Throws where no folder has been picked yet, or the address is none. */
export function source(): ModelSource {
  if (model.value !== FOLDER_ID) return urlSource(model.value);
  if (folder.value === null)
    throw new NamedError("BadInput", "pick the folder that holds the model's files", { field: "model" });
  return folder.value;
}
