// Activations to take away: a file that the worker computes, offered only when it is whole.

import type { CacheResult } from "../../../pkg/cpu/patchbay.js";
import { Fields } from "../../schema/form.tsx";
import { ask } from "../../store/tasks/queue.ts";
import { bytes } from "../../text/format.ts";
import { save } from "../../ui/save.ts";
import { asked } from "../asked.ts";
import { fileName } from "../file-name.ts";
import { Price } from "../price.tsx";
import { Mark, Unanswered } from "../standing.tsx";

export const cache = asked<CacheResult>("cache");

export function Take() {
  return (
    <details class="folded take">
      <summary>Take activations away</summary>
      <p>
        What the model computes on this task’s examples, as a safetensors file for Python: by
        TransformerLens’s names, with the tokens. Rows of several lengths are padded on the right, and{" "}
        <code>lengths</code> says how long each is.
      </p>
      <Fields analysis="cache" groups={["question"]} />
      <div class="actions">
        <button
          type="button"
          aria-disabled={cache.under.value}
          onClick={() => cache.under.value || void ask(cache)}
        >
          Compute the file
        </button>
        <Price task={cache} />
      </div>
      <Unanswered task={cache} />
      <Whole />
    </details>
  );
}

function Whole() {
  const answer = cache.answer.value;
  const file = answer?.reply.file;
  if (answer === null || file === undefined) return null;
  const { result } = answer.reply;
  const { sites, run } = result.spec;
  const name = [
    "patchbay",
    fileName(answer.asked.model),
    ...sites,
    run,
    `${result.prompts}.safetensors`,
  ].join("-");
  const [first] = result.tensors.filter(({ dtype }) => dtype === "F32");
  return (
    <div class="whole">
      <button type="button" class="primary" onClick={() => save(name, file)}>
        Save {bytes(file.size)}
      </button>
      <p class="hint">
        {result.tensors.length} tensors of {result.prompts} examples
        {first !== undefined && (
          <>
            , the first <code>{first.name}</code> [{first.shape.join(", ")}]
          </>
        )}
        <Mark of={cache} />
      </p>
    </div>
  );
}
