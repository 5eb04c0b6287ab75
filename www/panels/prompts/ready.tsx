// Sets of pairs that are ready to be used; the words are GPT-2's.

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { Pair } from "../../../pkg/cpu/patchbay.js";
import { put } from "../../store/pairs.ts";

interface Set {
  name: string;
  title: string;
  load: () => Promise<{ default: { prompts: Pair[] } }>;
}

const SETS: readonly Set[] = [
  { name: "eight", title: "Eight IOI prompts of TransformerLens", load: () => import("./sets/eight.json") },
  { name: "capitals", title: "Capitals", load: () => import("./sets/capitals.json") },
  { name: "pronouns", title: "Gendered pronouns", load: () => import("./sets/pronouns.json") },
  { name: "agreement", title: "Subject and verb", load: () => import("./sets/agreement.json") },
];

/** `said`: what came of it. */
export function Ready({ said }: { said: (text: string) => void }) {
  const id = useId();
  const chosen = useSignal(SETS[0]?.name ?? "");
  const use = async () => {
    const set = SETS.find(({ name }) => name === chosen.value);
    if (set === undefined) return;
    try {
      const { prompts } = (await set.load()).default;
      put(prompts, {});
      said(
        `${set.title}: ${prompts.length} pairs are in the table. Which of them this model can run is said below.`,
      );
    } catch {
      said("The set could not be fetched; try again once this page is online.");
    }
  };
  return (
    <div class="ready">
      <label for={id}>A ready set</label>
      <select
        id={id}
        value={chosen.value}
        onChange={({ currentTarget }) => (chosen.value = currentTarget.value)}
      >
        {SETS.map(({ name, title }) => (
          <option key={name} value={name} selected={name === chosen.value}>
            {title}
          </option>
        ))}
      </select>
      <button type="button" onClick={() => void use()}>
        Use this set
      </button>
    </div>
  );
}
