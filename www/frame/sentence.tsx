// The prompt at work, above all questions: its tokens and roles, its corrupted form, what the chosen head attends to at the
// token that is looked at, and what the model says after it. There is room for all of it before any of it is known.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { TextResult } from "../../pkg/cpu/patchbay.js";
import { shortName } from "../door/sources.ts";
import { answerPlace } from "../store/link/link.ts";
import { atHand, isFlipped, READINGS, type Run, readOf, wordsOf } from "../store/prompts.ts";
import { panel } from "../store/run.ts";
import { head, model, task } from "../store/session.ts";
import type { TaskState } from "../store/tasks/task.ts";
import { unbroken } from "../text/tokens.ts";
import { Explained } from "../ui/floating/term.tsx";
import { useRoom } from "../ui/room.ts";
import { useSaid } from "../ui/said.ts";
import { Predictions } from "../ui/tokens/predictions.tsx";
import { TokenLine } from "../ui/tokens/token-line.tsx";
import { Chooser } from "./chooser.tsx";
import "./sentence.css";

/** A token of one of the two lines. */
interface At {
  run: Run;
  at: number;
}

const BUSY: readonly TaskState[] = ["waiting", "loading", "running"];
const NOTHING = { tokens: [], roles: {} };

export function Sentence() {
  const pointed = useSignal<At | null>(null);
  const kept = useSignal<At | null>(null);
  const looked = kept.value ?? pointed.value;
  const lines = useRef<HTMLDivElement>(null);
  useRoom(lines, task.value);
  const line = (run: Run) => {
    const result = readOf(run);
    const here = looked?.run === run && looked.at < (result?.tokens.length ?? 0) ? looked.at : null;
    return (
      <TokenLine
        label={`The ${run} prompt, token by token`}
        line={result ?? wordsOf(run) ?? NOTHING}
        pointing={
          result === null
            ? undefined
            : {
                kept: kept.value?.run === run ? kept.value.at : null,
                point: (at) => (pointed.value = at === null ? null : { run, at }),
                keep: (at) => (kept.value = at === null ? null : { run, at }),
              }
        }
        shade={(at) =>
          result === null || here === null
            ? 0
            : ((at <= here ? result.pattern[here]?.[at] : result.pattern[at]?.[here]) ?? 0)
        }
      />
    );
  };
  const result = readOf(looked?.run ?? "clean");
  const at = looked === null || result === null ? null : Math.min(looked.at, result.tokens.length - 1);
  const after = result === null ? -1 : (at ?? result.tokens.length - 1);
  const stale = READINGS[looked?.run ?? "clean"].stale.value;
  const why = result === null ? whyNot() : "";
  const apart = panel.value?.apart?.() ?? "";
  const saysWhy = useSaid(why, "above");
  return (
    <section
      id={answerPlace(READINGS.clean.name)}
      class={`sentence ${at === null ? "" : `looks-at-${looked?.run}`}`}
      aria-label="The prompt at work"
      aria-busy={result === null && BUSY.includes(READINGS.clean.state.value)}
    >
      <div class="sentence-lines" ref={lines}>
        <div class="sentence-head">
          <Chooser />
          <span class="hint">clean{apart !== "" && `, the task's own prompt: ${apart}`}</span>
        </div>
        <div class="clean">{line("clean")}</div>
        <p class="hint">
          <Explained text={secondText()}>{isFlipped.value ? "flipped" : "corrupted"}</Explained>
        </p>
        <div class="corrupted">{line("corrupted")}</div>
        <p class="hint reading" aria-live="polite">
          {result !== null && reading(result, at, stale)}
        </p>
        {saysWhy && <p class="field-error">{why}</p>}
      </div>
      <Predictions
        after={result?.tokens[after] ?? null}
        predictions={result?.predictions[after] ?? []}
        unknown={
          atHand.value ? "" : `What ${shortName(model.value)} says next is shown here once it has been run.`
        }
      />
    </section>
  );
}

/** Why nothing is read, where that is the prompts' fault. */
function whyNot(): string {
  const { unanswered, under } = READINGS.clean;
  return unanswered.value === null || under.value ? "" : unanswered.value.message;
}

/** What the second line is. */
function secondText(): string {
  if (isFlipped.value)
    return "The same prompt with its names flipped. Its roles are of its own names: IO stands once, S twice.";
  return task.value === "ioi"
    ? "The same prompt corrupted: by the usual rule S2 is the other name, so that the answer changes. Its roles are of its own names."
    : "The same prompt corrupted: as long in tokens, and read at the same places.";
}

function reading(result: TextResult, at: number | null, stale: boolean): string {
  const [layer, index] = head.value ?? [result.spec.layer, result.spec.head];
  if (at === null)
    return `Point at a token for what head ${layer}.${index} attends to there, and from where.`;
  if (stale) return "";
  const { attends = "", attended = "" } = result.words[at] ?? {};
  return unbroken(`${attends} ${attended}`);
}
