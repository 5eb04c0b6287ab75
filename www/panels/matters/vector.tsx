// The vector that an edit puts in: of a file that is picked or dropped, or one that the model has. It is a text of the settings like
// any other, so that a link carries it; the file is read once more only for another tensor or row of it.

import { useId, useRef, useState } from "preact/hooks";
import type { FileVector, VectorRead } from "../../../pkg/cpu/patchbay.js";
import { messageOf } from "../../door/errors.ts";
import { problems, setText, texts } from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { vectorOf } from "../../store/vector.ts";
import { bytes, count, short, small } from "../../text/format.ts";
import { visible } from "../../text/plain-text.ts";
import { dropped, OpenFile } from "../../ui/open-file.tsx";
import { useSaid } from "../../ui/said.ts";

const NAME = "patch_vector";
const OF_MODEL = ["W_U[answers-wrong]", "W_U[answers]", "W_U[wrong]"];
/** The crate reads no more either. */
const MOST_BYTES = 64 * 2 ** 20;

/** A file that is open, and what of it is meant. */
interface Open {
  file: File;
  read: VectorRead;
  tensor: string;
  row: string;
}

/** "probe.safetensors, dir[3]: 768 numbers, norm 2.31, SHA-256 01234567…" */
export function wordsOf({ file, tensor, row, sha256, numbers }: FileVector): string {
  const norm = Math.sqrt(numbers.reduce((sum, number) => sum + number * number, 0));
  const part = `${tensor === undefined ? "" : `, ${tensor}`}${row === undefined ? "" : `[${row}]`}`;
  return visible(
    `${file}${part}: ${count(numbers.length)} numbers, norm ${small(norm)}, SHA-256 ${short(sha256)}`,
  );
}

export function Vector() {
  const id = useId();
  const [open, setOpen] = useState<Open | null>(null);
  const [refused, setRefused] = useState("");
  /** Of the last reading: one that comes after a later one is of nothing any more. */
  const latest = useRef(0);
  const text = texts.value[NAME] ?? "";
  const vector = vectorOf(text);
  const ofModel = OF_MODEL.includes(text) ? text : "";
  const problem = refused || (problems.value.find(({ field }) => field === NAME)?.message ?? "");
  useSaid(problem, "field");

  /** The only tensor where none is named, and the row that is. */
  const take = async (file: File, tensor: string, row: string) => {
    latest.current += 1;
    const turn = latest.current;
    try {
      if (file.size > MOST_BYTES)
        throw new Error(
          `expected at most ${bytes(MOST_BYTES)}, found ${bytes(file.size)}; save the vector by itself`,
        );
      const content = new Uint8Array(await file.arrayBuffer());
      const place = /^\d{1,9}$/.test(row.trim()) ? Number(row) : undefined;
      const read = await lab.vector(file.name, content, tensor === "" ? undefined : tensor, place);
      if (turn !== latest.current) return;
      setOpen({ file, read, tensor, row });
      setRefused(read.problem ?? "");
      setText(NAME, read.vector === null ? "" : JSON.stringify(read.vector));
    } catch (error) {
      if (turn !== latest.current) return;
      setOpen(null);
      setRefused(`The file was not opened: ${messageOf(error)}`);
    }
  };
  const given = (file: File) => void take(file, "", "");
  const tensors = open?.read.tensors ?? [];
  const meant = tensors.length === 1 ? tensors[0] : tensors.find(({ name }) => name === open?.tensor);
  const rows = (meant?.shape ?? []).slice(0, -1).filter((size) => size !== 1);
  return (
    <fieldset class="vector" {...dropped(given)}>
      <legend>Vector</legend>
      <div class="actions">
        <OpenFile label="A file with a vector" accept=".safetensors,.npy,.json" open={given} />
        <label for={`${id}-model`}>or</label>
        <select
          id={`${id}-model`}
          aria-label="A vector of the model"
          value={ofModel}
          onChange={({ currentTarget }) => {
            latest.current += 1;
            setOpen(null);
            setRefused("");
            setText(NAME, currentTarget.value);
          }}
        >
          <option value="">one of the model’s</option>
          {OF_MODEL.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {open !== null && tensors.length > 1 && (
        <label>
          Tensor{" "}
          <select
            value={open.tensor}
            onChange={({ currentTarget }) => void take(open.file, currentTarget.value, "")}
          >
            <option value="">which one?</option>
            {tensors.map(({ name, dtype, shape }) => (
              <option key={name} value={name ?? ""}>
                {visible(name ?? "")} ({dtype}, {shape.join(" × ")})
              </option>
            ))}
          </select>
        </label>
      )}
      {open !== null && rows.length > 0 && (
        <label>
          Row{" "}
          <input
            type="text"
            inputmode="numeric"
            value={open.row}
            onInput={({ currentTarget }) => {
              setOpen({ ...open, row: currentTarget.value });
              void take(open.file, open.tensor, currentTarget.value);
            }}
          />
        </label>
      )}
      <p class="hint" id={`${id}-hint`}>
        {vector !== null
          ? wordsOf(vector)
          : "A .safetensors, .npy or .json file with a vector as wide as the activation, or rows of them. Drop it here too."}
      </p>
      {problem !== "" && <p class="field-error">{problem}</p>}
    </fieldset>
  );
}
