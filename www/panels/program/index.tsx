// An answer as a program for another library, to be read, copied and saved.

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { Library, ScriptForm } from "../../../pkg/cpu/patchbay.js";
import { modelName } from "../../door/sources.ts";
import { lab } from "../../store/tasks/queue.ts";
import type { Answer } from "../../store/tasks/task.ts";
import { count } from "../../text/format.ts";
import { Actions, copyOf, fileOf } from "../../ui/actions.tsx";
import { useAsked } from "../../ui/asked.ts";
import { fileName } from "../file-name.ts";
import { programOf } from "./text.ts";
import "./program.css";

const NAMES: Record<Library, string> = { "transformer-lens": "TransformerLens", nnsight: "nnsight" };
const MIMES: Record<ScriptForm, string> = { py: "text/x-python", ipynb: "application/x-ipynb+json" };

/** Folded, of any answer that there is a program of; nothing of others. */
export function AsProgram({ answer }: { answer: Answer }) {
  const libraries = useLibraries(answer);
  if (libraries.length === 0) return null;
  return (
    <details class="folded">
      <summary>As code for {libraries.map((library) => NAMES[library]).join(" or ")}</summary>
      <Program answer={answer} libraries={libraries} />
    </details>
  );
}

export function useLibraries({ reply: { analysis } }: Answer): readonly Library[] {
  return useAsked([analysis], () => lab.scriptLibraries(analysis)).answer ?? [];
}

export function Program({ answer, libraries }: { answer: Answer; libraries: readonly Library[] }) {
  const chosen = useSignal<Library | null>(null);
  const library = chosen.value ?? libraries[0] ?? "transformer-lens";
  const { asked, reply } = answer;
  const parts = ["patchbay", fileName(modelName(asked.model)), reply.analysis, reply.report?.stem];
  const stem = [...parts, library === "nnsight" && library].filter(Boolean).join("-");
  const text = (form: ScriptForm) => programOf(answer, library, form);
  const file = (what: string, form: ScriptForm) =>
    fileOf(what, { name: `${stem}.${form}`, mime: MIMES[form] }, () => text(form));
  return (
    <div class="program">
      <p>
        A Python script with these examples and settings written out. It computes the answer again with{" "}
        {NAMES[library]} and prints its figures beside Patchbay's, with the difference.
      </p>
      {libraries.length > 1 && <Choice {...{ libraries, library }} choose={(it) => (chosen.value = it)} />}
      <Actions
        actions={[copyOf("script", () => text("py")), file("script", "py"), file("notebook", "ipynb")]}
      />
      <Shown key={library} {...{ answer, library }} />
    </div>
  );
}

interface ChoiceProps {
  libraries: readonly Library[];
  library: Library;
  choose: (library: Library) => void;
}

function Choice({ libraries, library, choose }: ChoiceProps) {
  const id = useId();
  return (
    <p>
      <label for={id}>Library </label>
      <select
        id={id}
        value={library}
        onChange={({ currentTarget }) => choose(currentTarget.value as Library)}
      >
        {libraries.map((it) => (
          <option key={it} value={it}>
            {NAMES[it]}
          </option>
        ))}
      </select>
    </p>
  );
}

/** Thousands of prompts are more than anybody reads here; the copy and the file have them all. */
const MOST_SHOWN = 60_000;

function Shown({ answer, library }: { answer: Answer; library: Library }) {
  const open = useSignal(false);
  const asked = useAsked([answer, open.value], () => (open.value ? programOf(answer, library, "py") : null));
  const rest = (asked.answer?.length ?? 0) - MOST_SHOWN;
  return (
    <details onToggle={({ currentTarget }) => (open.value = currentTarget.open)}>
      <summary>The script</summary>
      <section
        class="code"
        aria-label="The script"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard
        tabIndex={0}
      >
        <pre>
          {asked.problem}
          {asked.answer?.slice(0, MOST_SHOWN)}
          {rest > 0 && `\n… and ${count(rest)} more characters in the copy and the file.`}
        </pre>
      </section>
    </details>
  );
}
