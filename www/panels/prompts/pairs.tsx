// Pairs of one's own: a row each, with its tokens under each other as the model reads them, or why it is not run.

import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import type { Pair } from "../../../pkg/cpu/patchbay.js";
import { messageOf } from "../../door/errors.ts";
import { HUB_ID, MINI_ID, shortName } from "../../door/sources.ts";
import { chooseModel } from "../../store/models/models.ts";
import {
  add,
  EMPTY,
  filled,
  isEmpty,
  names,
  put,
  rows,
  textOf,
  unreadable,
  watchPairs,
} from "../../store/pairs.ts";
import { atHand, leftOut } from "../../store/prompts.ts";
import { choosePrompt, model, problems, prompt, texts } from "../../store/session.ts";
import { count } from "../../text/format.ts";
import { rolesByPosition } from "../../text/tokens.ts";
import { dropped, OpenFile } from "../../ui/open-file.tsx";
import { save } from "../../ui/save.ts";
import { Aligned } from "./aligned.tsx";
import { Naming } from "./naming.tsx";
import { textOfFile } from "./own.tsx";
import { Pager } from "./pager.tsx";
import { Ready } from "./ready.tsx";
import { shown } from "./shown.ts";

const A_PAGE = 20;

export function Pairs() {
  useEffect(watchPairs, []);
  const said = useSignal("");
  const page = useSignal(0);
  const all = rows.value;
  const from = Math.min(page.value, Math.max(0, Math.ceil(all.length / A_PAGE) - 1)) * A_PAGE;
  const numbers = numbersOf(all);
  return (
    <div class="pairs">
      <h2>Pairs of your own</h2>
      <p class="hint">
        A clean prompt, the same prompt corrupted, the answers that come next and the wrong ones, with |
        between several. Both prompts have as many tokens, and each answer is one token: the space before a
        word is part of it.
      </p>
      <Ready said={(text) => (said.value = text)} />
      <Count />
      {all.length > 0 && (
        <ol class="pair-rows" start={from + 1}>
          {all.slice(from, from + A_PAGE).map((pair, i) => (
            <Row key={from + i} pair={pair} at={from + i} number={numbers[from + i] ?? null} />
          ))}
        </ol>
      )}
      <Pager what="rows" page={page} of={all.length} size={A_PAGE} />
      <div class="actions">
        <button
          type="button"
          onClick={() => {
            put([...all, EMPTY]);
            page.value = Math.floor(all.length / A_PAGE);
          }}
        >
          Add a row
        </button>
        {filled(all).length > 0 && (
          <>
            <button
              type="button"
              onClick={() =>
                save(
                  "patchbay-pairs.json",
                  new Blob([textOf(filled(all), names.value)], { type: "application/json" }),
                )
              }
            >
              Save as a file
            </button>
            <button type="button" onClick={() => put([], {})}>
              Remove all rows
            </button>
          </>
        )}
      </div>
      <Paste said={(text) => (said.value = text)} />
      <p role="status" class="pairs-said">
        {said.value}
      </p>
    </div>
  );
}

/** Of rows that have something in them, from 1. */
function numbersOf(all: readonly Pair[]): (number | null)[] {
  let number = 0;
  return all.map((row) => (isEmpty(row) ? null : ++number));
}

/** How many are run, and what keeps all from it. */
function Count() {
  const all = filled(rows.value).length;
  const result = shown.stale.value ? null : (shown.answer.value?.reply.result ?? null);
  const wrong = problems.value.find(({ field }) => field === "pairs")?.message;
  const problem = unreadable.value || shown.problem.value?.message || (result === null ? wrong : undefined);
  return (
    <div aria-live="polite">
      {result !== null && all > 0 && (
        <p class="own-count">
          {count(result.count)} of {count(all)} {all === 1 ? "pair is" : "pairs are"} run.
        </p>
      )}
      {all > 0 && problem && <p class="field-error">{problem}</p>}
      {all > 0 && !atHand.value && (
        <p class="hint">Their tokens are shown here once {shortName(model.value)} has been run.</p>
      )}
      {result !== null && all > 0 && result.count === 0 && model.value === MINI_ID && (
        <p class="note">
          ioi-mini is a toy, to which few words are one token.{" "}
          <button type="button" class="link" onClick={() => chooseModel(HUB_ID)}>
            Choose GPT-2 small
          </button>{" "}
          (548 MB, fetched once), which knows many more.
        </p>
      )}
    </div>
  );
}

interface RowProps {
  pair: Pair;
  at: number;
  /** Its number among those that have something in them; null for one that has not. */
  number: number | null;
}

function Row({ pair, at, number }: RowProps) {
  const id = useId();
  const change = (part: Partial<Pair>) =>
    put(rows.value.map((row, i) => (i === at ? { ...row, ...part } : row)));
  const several = (text: string) => (text === "" ? [] : text.split("|"));
  const fields = [
    ["Clean", pair.clean, (clean: string) => change({ clean })],
    ["Corrupted", pair.corrupt, (corrupt: string) => change({ corrupt })],
    ["Answers", pair.answers.join("|"), (text: string) => change({ answers: several(text) })],
    [
      "Wrong answers",
      pair.wrong_answers.join("|"),
      (text: string) => change({ wrong_answers: several(text) }),
    ],
  ] as const;
  return (
    <li class="pair-row">
      <div class="pair-fields">
        {fields.map(([label, value, set]) => (
          <div key={label} class={label.startsWith("C") ? "" : "short"}>
            <label for={`${id}-${label}`}>{label}</label>
            <input
              id={`${id}-${label}`}
              type="text"
              autocomplete="off"
              spellcheck={false}
              value={value}
              onInput={({ currentTarget }) => set(currentTarget.value)}
            />
          </div>
        ))}
        <button
          type="button"
          class="quiet"
          aria-label={`Remove row ${at + 1}`}
          onClick={() => put(rows.value.filter((_, i) => i !== at))}
        >
          ×
        </button>
      </div>
      {number !== null && <Tokens pair={pair} number={number} at={at} />}
    </li>
  );
}

/** As the model reads the row, or why it is not run. */
function Tokens({ pair, number, at }: { pair: Pair; number: number; at: number }) {
  const naming = useSignal<number | null>(null);
  const result = shown.answer.value?.reply.result;
  const place = result?.examples.findIndex((example) => example.number === number) ?? -1;
  const example = result?.examples[place];
  const left = result?.left_out.find((other) => other.number === number);
  const bos = example !== undefined && texts.value.prepend_bos === "true" ? 1 : 0;
  const found = example ?? left;
  // A row that is being written is not what was read a moment ago.
  const isOfRow = found?.clean.slice(bos).join("") === pair.clean;
  const why =
    (isOfRow || !shown.stale.value ? left?.why : undefined) ??
    (atHand.value ? undefined : leftOut.value.find(({ line }) => line === number)?.message);
  const roles = result?.roles.map((role, i) => [role, example?.positions[i] ?? -1] as const) ?? [];
  return (
    <>
      {found !== undefined && (isOfRow || !shown.stale.value) && found.clean.length > 0 && (
        <Aligned
          label={`Tokens of row ${at + 1}, clean over corrupted; a token names its position`}
          clean={found.clean}
          corrupted={found.corrupted}
          roles={rolesByPosition(Object.fromEntries(roles))}
          chosen={naming.value}
          choose={(token) => (naming.value = token === naming.value || token < bos ? null : token)}
        />
      )}
      {naming.value !== null && <Naming position={naming.value - bos} close={() => (naming.value = null)} />}
      {why !== undefined && <p class="field-error">Not run: {why}.</p>}
      {example !== undefined && (
        <button
          type="button"
          class="link"
          aria-pressed={place === prompt.value}
          onClick={() => choosePrompt(place)}
        >
          {place === prompt.value ? "The prompt at work above" : "Put it to work above"}
        </button>
      )}
    </>
  );
}

/** Many at once. */
function Paste({ said }: { said: (text: string) => void }) {
  const id = useId();
  const text = useSignal("");
  const take = async (from: string) => {
    try {
      const { count: added, problems } = await add(from);
      const none = problems.map(({ row, problem }) => `Row ${row} is left out: ${problem}.`);
      said([`${count(added)} ${added === 1 ? "pair" : "pairs"} added.`, ...none].join(" "));
      text.value = "";
    } catch (error) {
      said(`Nothing was added: ${messageOf(error)}.`);
    }
  };
  const open = async (picked: File) => {
    try {
      await take(await textOfFile(picked));
    } catch (error) {
      said(`The file was not opened: ${messageOf(error)}.`);
    }
  };
  return (
    <div class="pairs-paste">
      <label for={id}>Paste or drop many</label>
      <p class="hint" id={`${id}-format`}>
        JSON as circuit libraries keep it, a table with the header <code>clean,corrupted,answer,wrong</code>{" "}
        (commas or tabs), or lines <code>sentence | IO | S</code>.
      </p>
      <textarea
        id={id}
        rows={4}
        spellcheck={false}
        aria-describedby={`${id}-format`}
        value={text.value}
        onInput={({ currentTarget }) => {
          // What was said is of the text before.
          said("");
          text.value = currentTarget.value;
        }}
        {...dropped(open)}
      />
      <div class="actions">
        {text.value.trim() !== "" && (
          <button type="button" class="primary" onClick={() => void take(text.value)}>
            Add these
          </button>
        )}
        <OpenFile
          label="A file of pairs"
          accept=".json,.csv,.tsv,.txt,application/json,text/plain"
          open={open}
        />
      </div>
    </div>
  );
}
