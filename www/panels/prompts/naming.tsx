// The name of a place in every pair: given, or taken away.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { names, put, rows } from "../../store/pairs.ts";

interface NamingProps {
  /** From 0, without the token before the prompts. */
  position: number;
  close: () => void;
}

export function Naming({ position, close }: NamingProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const here = Object.entries(names.value).flatMap(([name, at]) => (at === position ? [name] : []));
  const text = useSignal("");
  useEffect(() => field.current?.focus(), [position]);
  const give = () => {
    const name = text.value.trim();
    if (name === "") return;
    put(rows.value, { ...names.value, [name]: position });
    close();
  };
  const take = (name: string) => {
    put(rows.value, Object.fromEntries(Object.entries(names.value).filter(([other]) => other !== name)));
    close();
  };
  return (
    <div class="naming">
      <label for={id}>Name of position {position} in every pair</label>
      <input
        id={id}
        type="text"
        ref={field}
        autocomplete="off"
        spellcheck={false}
        maxLength={64}
        placeholder="SUBJECT"
        value={text.value}
        onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            close();
          }
          if (event.key !== "Enter") return;
          event.preventDefault();
          give();
        }}
      />
      <button type="button" onClick={give}>
        Name it
      </button>
      {here.map((name) => (
        <button key={name} type="button" onClick={() => take(name)}>
          Remove {name}
        </button>
      ))}
    </div>
  );
}
