// The models that this browser keeps: each can be used, or deleted; and how much room there is.

import { useSignal } from "@preact/signals";
import type { StoredModel } from "../../door/protocol.ts";
import { modelName } from "../../door/sources.ts";
import { chooseModel } from "../../store/models/models.ts";
import {
  askToPersist,
  declined,
  forget,
  persistent,
  standingOf,
  stored,
  storedNews,
  unreadable,
  unstored,
} from "../../store/models/stored.ts";
import { date, short } from "../../text/format.ts";
import { sizeText, standingText, usageText } from "../../text/stored.ts";
import { ActionGrid } from "../../ui/tables/action-grid.tsx";

export function StoredModels({ close }: { close: () => void }) {
  const report = stored.value;
  const note = unreadable.value ?? report?.unavailable ?? unstored.value;
  const rows = (report?.models ?? []).map((model) => ({ key: model.key, ...row(model, close) }));
  return (
    <section class="stored">
      <h3>Kept in this browser</h3>
      {note !== null && <p class="note">{note}</p>}
      <ActionGrid
        label="Models that this browser keeps"
        rows={rows}
        empty={
          report !== null && report.unavailable === null
            ? "None yet. A model that is fetched is kept in this browser, so that the next visit needs no download."
            : ""
        }
      />
      <p role="status">{storedNews}</p>
      {report !== null && <p class="hint">{usageText(report)}</p>}
      <Persistence />
    </section>
  );
}

function row(model: StoredModel, close: () => void) {
  const { id, revision, sha256, complete } = model;
  const name = model.unreadable === null ? modelName(id) : "a model that cannot be read";
  const standing = standingOf(model);
  const text = standingText(standing);
  const use = () => {
    chooseModel(id);
    close();
  };
  const head = (
    <>
      <strong>{name}</strong>
      <p class="hint">
        {sizeText(model)}
        {model.date !== "" && (
          <>
            {" · "}
            <time dateTime={model.date}>{date(model.date)}</time>
          </>
        )}
        {revision !== null && <span title={revision}> · revision {short(revision)}</span>}
        {sha256 !== null && <span title={sha256}> · SHA-256 {short(sha256)}</span>}
      </p>
      {text !== "" && <p class="hint">{text}</p>}
    </>
  );
  const actions = [
    model.unreadable === null && (
      <button type="button" onClick={use}>
        {complete ? "Use" : "Use, and download the rest"}
        <span class="visually-hidden"> {name}</span>
      </button>
    ),
    standing === "replaced" && <Forget {...{ model, name }} text="Use the new one" of=" of " />,
    <Forget key="delete" {...{ model, name }} text="Delete" of=" " />,
  ];
  return { head, actions };
}

interface ForgetProps {
  model: StoredModel;
  name: string;
  text: string;
  /** Between the text and the model's name, for those who do not see where the button stands. */
  of: string;
}

function Forget({ model, name, text, of }: ForgetProps) {
  const busy = useSignal(false);
  const press = async () => {
    if (busy.value) return;
    busy.value = true;
    await forget(model, name);
    busy.value = false;
  };
  return (
    <button type="button" aria-disabled={busy.value} onClick={() => void press()}>
      {text}
      <span class="visually-hidden">
        {of}
        {name}
      </span>
    </button>
  );
}

const MAY_GO = "The storage is not persistent: the browser may delete it when the disk gets full.";

function Persistence() {
  if (persistent.value === null) return null;
  if (persistent.value)
    return <p class="hint">The storage is persistent: the browser deletes it only when you tell it to.</p>;
  return (
    <>
      <p class="hint">
        {MAY_GO}
        {declined.value &&
          " It was asked to keep it, and declined; it may agree when you use this page more often, or after a bookmark."}
      </p>
      <button type="button" onClick={() => void askToPersist()}>
        Ask for persistent storage
      </button>
    </>
  );
}
