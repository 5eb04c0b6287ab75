// What is asked, of which head, on which prompts.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Fields } from "../../schema/form.tsx";
import { texts } from "../../store/session.ts";

/** What own prompts take the place of. */
const GENERATED = ["n", "symmetric", "prompt_type"];

export function Controls() {
  const own = (texts.value.prompts ?? "") !== "";
  // One of the experiments puts a name mover's output in.
  const { experiment, name_mover = "" } = texts.value;
  const mover = experiment === "query_replacements" || name_mover !== "";
  return (
    <div class="place-controls">
      <Fields analysis="experiment" groups={["question"]} without={mover ? [] : ["name_mover"]} />
      <Group title="Head">
        <Fields analysis="experiment" groups={["head"]} />
      </Group>
      <Group title="Prompts">
        <p class="hint">
          {own ? "Your own prompts are in use. " : "Generated from templates, or "}
          <a href="#question=prompts">{own ? "Change them" : "your own"}</a>.
        </p>
        <Fields analysis="experiment" groups={["task"]} without={own ? GENERATED : []} />
      </Group>
      <Group title="Run">
        <Fields analysis="experiment" groups={["run"]} />
      </Group>
    </div>
  );
}

function Group({ title, children }: { title: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class="field-group" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}
