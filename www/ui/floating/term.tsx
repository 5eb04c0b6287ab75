// Words with an explanation: it is shown while the pointer or the keyboard is on the word, or after a tap. Each is a
// button, so that it can be reached without a mouse.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { TERMS, type TermId, termsIn } from "../../text/glossary.ts";
import { Floating } from "./floating.tsx";
import "./term.css";

/** Long enough to move the pointer from the word onto its explanation, which then stays. */
const LINGER_MS = 200;

export function Term({ of, children }: { of: TermId; children: ComponentChildren }) {
  return <Explained text={TERMS[of].text}>{children}</Explained>;
}

/** A text with the terms in it explained, each where it comes first. */
export function WithTerms({ text }: { text: string }) {
  return (
    <>
      {termsIn(text).map((part, i, all) => {
        if (typeof part === "string") return part.replace(/\($/, i + 1 < all.length ? "" : "(");
        const before = all[i - 1];
        const term = <Term of={part.id}>{part.text}</Term>;
        if (typeof before !== "string" || !before.endsWith("(")) return term;
        // A line could break before the word, which is a button.
        return <span class="joined">({term}</span>;
      })}
    </>
  );
}

/** A word with any explanation. */
export function Explained({ text, children }: { text: string; children: ComponentChildren }) {
  const id = useId();
  const word = useRef<HTMLButtonElement>(null);
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [open, setOpen] = useState<"" | "pointed" | "kept">("");
  const hover = (on: boolean) => {
    clearTimeout(leaving.current);
    if (on) setOpen((was) => was || "pointed");
    else leaving.current = setTimeout(() => setOpen((was) => (was === "kept" ? was : "")), LINGER_MS);
  };
  useEffect(() => () => clearTimeout(leaving.current), []);
  return (
    <>
      <button
        type="button"
        class="term"
        ref={word}
        aria-describedby={id}
        // A finger taps, which is a click.
        onPointerEnter={({ pointerType }) => pointerType === "mouse" && hover(true)}
        onPointerLeave={() => hover(false)}
        onFocus={({ currentTarget }) => currentTarget.matches(":focus-visible") && hover(true)}
        onBlur={() => setOpen("")}
        onClick={() => setOpen((was) => (was === "kept" ? "" : "kept"))}
      >
        {children}
      </button>
      <Floating
        id={id}
        text={text}
        anchor={word}
        open={open !== ""}
        close={() => setOpen("")}
        hover={hover}
      />
    </>
  );
}
