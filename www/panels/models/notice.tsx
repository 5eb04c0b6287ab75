// In the header: the model of the last visit, where this browser has it, and what the next run of the chosen one takes.

import { weights } from "../../../crate/src/hub.json";
import { FOLDER_ID, HUB_ID, MINI_ID, shortName } from "../../door/sources.ts";
import { chooseModel } from "../../store/models/models.ts";
import { offered, standingOf, storedOf } from "../../store/models/stored.ts";
import { folder, info, model } from "../../store/session.ts";
import { current } from "../../store/tasks/queue.ts";
import { bytes } from "../../text/format.ts";
import { comingText, standingText } from "../../text/stored.ts";
import { largerOf } from "./larger.ts";

export function LastModel() {
  const id = offered.value;
  if (id === null) return null;
  return (
    <button type="button" onClick={() => chooseModel(id)}>
      Use {shortName(id)}, kept in this browser
    </button>
  );
}

export function ModelNotice() {
  return (
    <p class="hint model-notice" role="status">
      {whatComes()}
    </p>
  );
}

/** Once the model is read, only that its address has another one. While it is read, the run bar says how far that is. */
function whatComes(): string {
  const id = model.value;
  if (current.value !== null || id === MINI_ID) return "";
  const name = shortName(id);
  const kept = storedOf(id);
  const text = standingText(standingOf(kept));
  if (text !== "") return `${name}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
  if (info.value !== null) return "";
  if (id === FOLDER_ID) return folder.value === null ? "" : "The next run reads the files of the folder.";
  const size = id === HUB_ID ? bytes(weights.size) : (largerOf(id)?.size ?? null);
  return `${name} is chosen. ${comingText(kept, size)}`;
}
