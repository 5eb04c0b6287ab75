// One guess: a choice or a number. Whoever only wants to see the answer may.

import { useId, useState } from "preact/hooks";
import type { LessonStep } from "./lesson.ts";

interface GuessFormProps extends Pick<LessonStep, "question" | "guess"> {
  /** In words; "" for none. */
  made: (words: string) => void;
}

export function GuessForm({ question, guess, made }: GuessFormProps) {
  const id = useId();
  const [text, setText] = useState("");
  const [missing, setMissing] = useState(false);
  const number = "number" in guess ? guess.number : null;
  const valid = number === null ? text !== "" : isIn(text, number);
  return (
    <form
      class="guess"
      noValidate
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        setMissing(!valid);
        if (valid) made(number === null ? text : `${Number(text)} ${number.unit}`);
      }}
    >
      <fieldset aria-describedby={missing ? `${id}-error` : undefined}>
        <legend>{question}</legend>
        {number === null ? (
          "choices" in guess &&
          guess.choices.map((choice) => (
            <label key={choice}>
              <input type="radio" name={id} checked={choice === text} onChange={() => setText(choice)} />
              {choice}
            </label>
          ))
        ) : (
          <label class="guess-number">
            <span>Your guess</span>
            <input
              type="number"
              step="any"
              min={number.min}
              max={number.max}
              aria-invalid={missing && !valid}
              value={text}
              onInput={({ currentTarget }) => setText(currentTarget.value)}
            />
            {number.unit}
          </label>
        )}
      </fieldset>
      {missing && !valid && (
        <p class="field-error" id={`${id}-error`} role="alert">
          {number === null ? "Choose one first." : `A number from ${number.min} to ${number.max} first.`}
        </p>
      )}
      <div class="actions">
        <button type="submit" class="primary">
          Show the answer
        </button>
        <button type="button" class="link" onClick={() => made("")}>
          Show it without a guess
        </button>
      </div>
    </form>
  );
}

function isIn(text: string, { min, max }: { min: number; max: number }): boolean {
  return text.trim() !== "" && Number(text) >= min && Number(text) <= max;
}
