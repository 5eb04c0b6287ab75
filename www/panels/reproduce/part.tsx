// What the parts of "Reproduce" have in common: a heading, and a text to be copied.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { copyText } from "../../ui/clipboard.ts";

export function Part({ title, children }: { title: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}

export function Copy({ what, text }: { what: string; text: string }) {
  const status = useSignal("");
  const copy = async () => {
    try {
      await copyText(Promise.resolve(text));
      status.value = "Copied.";
    } catch {
      status.value = "The clipboard is not available: select it above and copy it.";
    }
  };
  return (
    <>
      <button type="button" onClick={copy}>
        Copy {what}
      </button>
      <p class="hint" role="status">
        {status}
      </p>
    </>
  );
}
