// One field of an analysis, as the crate describes it: its control, its help, and what is wrong with it.

import { useId, useRef, useState } from "preact/hooks";
import type { Choice, Field as FieldSchema } from "../../pkg/cpu/patchbay.js";
import { problems, setText, texts, usualHead } from "../store/session.ts";
import { Floating } from "../ui/floating/floating.tsx";
import { useSaid } from "../ui/said.ts";

interface FieldProps {
  field: FieldSchema;
  /** Why a choice cannot be made now, or null. */
  barred?: ((choice: Choice) => string | null) | undefined;
  /** Texts that it may have, among others. */
  suggested?: readonly string[];
}

export function Field({ field, barred, suggested = [] }: FieldProps) {
  const { name, label, help, kind } = field;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState(false);
  const value = texts.value[name] ?? field.default;
  const problem = problems.value.find((problem) => problem.field === name)?.message;
  useSaid(problem ?? "", "field");
  const attributes = {
    id: `${id}-control`,
    name,
    "aria-describedby": problem === undefined ? `${id}-help` : `${id}-error ${id}-help`,
    "aria-invalid": problem !== undefined,
    // The keyboard has come to it, which a click or a message about it is not.
    onKeyUp: ({ key }: KeyboardEvent) => key === "Tab" && setPointed(true),
  };
  const chosen = kind.is === "choice" ? kind.choices.find((choice) => choice.value === value) : undefined;
  // Empty ones mean the model's own head.
  const [layer, head] = usualHead.value ?? [];
  const usual: Record<string, number | string | undefined> = {
    layer,
    head,
    ...(layer !== undefined && { circuit_keep: `${layer}.${head}@END` }),
  };
  const flag = kind.is === "flag";
  const heading = (
    <label
      for={attributes.id}
      onPointerEnter={({ pointerType }) => setPointed(pointerType === "mouse")}
      onPointerLeave={({ pointerType }) => pointerType === "mouse" && setPointed(false)}
      // A finger taps the label, which puts the keyboard into the field.
      onPointerDown={() => setPointed(true)}
    >
      {label}
    </label>
  );
  return (
    <div class={`field field-${kind.is}`} ref={box} onFocusOut={() => setPointed(false)}>
      {!flag && heading}
      {flag && (
        <input
          {...attributes}
          type="checkbox"
          checked={value === "true"}
          onChange={({ currentTarget }) => setText(name, String(currentTarget.checked))}
        />
      )}
      {flag && heading}
      {kind.is === "choice" && (
        <select
          {...attributes}
          value={value}
          onChange={({ currentTarget }) => setText(name, currentTarget.value)}
        >
          {kind.choices.map((choice) => {
            const why = barred?.(choice) ?? null;
            return (
              <option value={choice.value} disabled={why !== null} selected={choice.value === value}>
                {why === null ? choice.label : `${choice.label} (${why})`}
              </option>
            );
          })}
        </select>
      )}
      {chosen !== undefined && chosen.help !== "" && <p class="hint">{chosen.help}</p>}
      {(kind.is === "integer" || kind.is === "text") && (
        <input
          {...attributes}
          type="text"
          inputmode={kind.is === "integer" ? "numeric" : "text"}
          spellcheck={false}
          autocomplete="off"
          placeholder={String(usual[name] ?? "")}
          {...(suggested.length > 0 && { list: `${id}-suggested` })}
          value={value}
          onInput={({ currentTarget }) =>
            setText(name, kind.is === "integer" ? currentTarget.value.trim() : currentTarget.value)
          }
        />
      )}
      {suggested.length > 0 && (
        <datalist id={`${id}-suggested`}>
          {suggested.map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
      {kind.is === "passage" && (
        <textarea
          {...attributes}
          rows={4}
          spellcheck={false}
          value={value}
          onInput={({ currentTarget }) => setText(name, currentTarget.value)}
        />
      )}
      {problem !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          {problem}
        </p>
      )}
      <Floating id={`${id}-help`} text={help} anchor={box} open={pointed} close={() => setPointed(false)} />
    </div>
  );
}
