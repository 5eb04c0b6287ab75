// The chosen prompt in full: every token with its role, its position and its id, and the flipped prompt beneath.

import type { TextResult } from "../../../pkg/cpu/patchbay.js";
import { shortName } from "../../door/sources.ts";
import { atHand, examples, readOf } from "../../store/prompts.ts";
import { model, prompt } from "../../store/session.ts";
import { exactText, rolesByPosition } from "../../text/tokens.ts";
import { madeOf } from "./filter.ts";

export function Detail() {
  const example = examples.value[prompt.value];
  if (example === undefined) return null;
  const [clean, flipped] = [readOf("clean"), readOf("corrupted")];
  const made = example.template === null ? "of your own" : "template";
  return (
    <section class="prompt-detail" aria-label="The chosen prompt">
      <h3>Prompt {prompt.value + 1}</h3>
      <p class="hint">
        {example.template === null ? `${example.order}, ${made}` : `${made} ${madeOf(example)}`} · IO{" "}
        {example.io} · S {example.s}
      </p>
      <p class="sentence-text">{example.sentence}</p>
      {clean && <Boxes label="Tokens" result={clean} />}
      <p class="sentence-text">Flipped: {example.flipped}</p>
      {clean && flipped && (
        <>
          <p class="hint">{standing(clean, flipped)}</p>
          <Boxes label="Tokens of the flipped prompt" result={flipped} unlike={clean} />
        </>
      )}
      {clean === null && !atHand.value && (
        <p class="hint">Its tokens are shown here once {shortName(model.value)} has been run.</p>
      )}
    </section>
  );
}

/** The flipped run is looked at where the roles of the clean one stand, whoever stands there now. */
function standing({ roles }: TextResult, { tokens }: TextResult): string {
  const named = ["IO", "S1", "S2"].flatMap((role) => {
    const token = tokens[roles[role] ?? -1];
    return token === undefined ? [] : [`${role} stands ${token.trim()}`];
  });
  return `Its roles are of its own names. What is read of its run is read at the clean prompt's places: at that of ${named.join(", of ")}.`;
}

function Boxes({ label, result, unlike }: { label: string; result: TextResult; unlike?: TextResult }) {
  const roles = rolesByPosition(result.roles);
  return (
    // It scrolls where a prompt is long, so the keyboard must get there.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: as said.
    <ol class="token-boxes" tabIndex={0} aria-label={label}>
      {result.tokens.map((token, at) => {
        const role = roles.get(at);
        const isOther = unlike !== undefined && result.ids[at] !== unlike.ids[at];
        return (
          <li
            key={at}
            class={`${role === undefined ? "" : `word ${role.toLowerCase()}`} ${isOther ? "other" : ""}`}
          >
            <span class="box-role">{role}</span>
            <span class="box-text">{exactText(token)}</span>
            <span class="box-place">{at}</span>
            <span class="box-id">{result.ids[at]}</span>
          </li>
        );
      })}
    </ol>
  );
}
