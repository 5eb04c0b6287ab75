// Which prompt is at work. The arrow keys do in the field what the buttons do, so that it is one stop.

import { useId, useState } from "preact/hooks";
import { examples, runCount } from "../store/prompts.ts";
import { choosePrompt, prompt, task } from "../store/session.ts";
import { count, quoted } from "../text/format.ts";

export function Chooser() {
  const id = useId();
  // What was typed and is no prompt's number stays until it is mended, or another prompt is chosen.
  const [odd, setOdd] = useState<{ text: string; at: number } | null>(null);
  const all = task.value === "ioi" ? examples.value.length : runCount.value;
  const wrong = odd?.at === prompt.value ? odd.text : null;
  const isThere = (place: number) => Number.isInteger(place) && place >= 0 && place < all;
  const go = (place: number) => {
    if (!isThere(place)) return;
    setOdd(null);
    choosePrompt(place);
  };
  const button = (name: string, sign: string, place: number) => (
    <button
      type="button"
      class="quiet"
      tabIndex={-1}
      aria-label={name}
      aria-disabled={!isThere(place)}
      onClick={() => go(place)}
    >
      {sign}
    </button>
  );
  return (
    <span class="chooser">
      {button("Previous prompt", "‹", prompt.value - 1)}
      <label class="visually-hidden" for={id}>
        Prompt
      </label>
      <input
        id={id}
        name="prompt"
        type="number"
        min={1}
        max={Math.max(1, all)}
        aria-invalid={wrong !== null}
        aria-describedby={wrong === null ? undefined : `${id}-error`}
        value={wrong ?? prompt.value + 1}
        onInput={({ currentTarget: { value, valueAsNumber } }) =>
          isThere(valueAsNumber - 1) ? go(valueAsNumber - 1) : setOdd({ text: value, at: prompt.value })
        }
      />
      <span class="hint">of {count(all)}</span>
      {button("Next prompt", "›", prompt.value + 1)}
      {wrong !== null && (
        <span class="field-error" id={`${id}-error`} role="status">
          expected a whole number from 1 to {count(Math.max(1, all))}, found {quoted(wrong)}
        </span>
      )}
    </span>
  );
}
