// Two runs side by side, as tables.

import type { Table } from "../../../pkg/cpu/patchbay.js";
import type { Kept } from "../../store/runs.ts";
import { WordsTable } from "../../ui/words-table.tsx";
import { comparedMeans, comparedPrompts, differingSettings, MOST_PROMPTS, promptCount } from "./compare.ts";
import { experimentOf } from "./words.ts";

interface ComparisonProps {
  /** The one with the lower number first. */
  pair: readonly [Kept, Kept];
  /** Of a panel, by its name. */
  title: (panel: string) => string;
}

export function Comparison({ pair, title }: ComparisonProps) {
  const names = [`run ${pair[0].number}`, `run ${pair[1].number}`] as const;
  const settings = differingSettings(pair, title);
  const [one, other] = [experimentOf(pair[0]), experimentOf(pair[1])];
  const heading = `Run ${pair[0].number} beside run ${pair[1].number}`;
  return (
    <section class="comparison" aria-label={heading}>
      <h3>{heading}</h3>
      {settings.length === 0 ? (
        <p>The settings, the weights and the device are the same.</p>
      ) : (
        <WordsTable
          table={tableOf("Settings that differ", { header: ["setting", ...names], rows: settings })}
        />
      )}
      {one !== null && other !== null ? (
        <Numbers results={[one, other]} names={names} />
      ) : (
        <WordsTable
          table={tableOf("Answers", {
            header: ["run", "answer"],
            rows: pair.map(({ answer }, place) => [names[place] ?? "", answer.reply.report?.answer ?? ""]),
          })}
        />
      )}
    </section>
  );
}

interface NumbersProps {
  results: Parameters<typeof comparedMeans>[0];
  names: readonly [string, string];
}

function Numbers({ results, names }: NumbersProps) {
  const prompts = comparedPrompts(results);
  const all = promptCount(results[0]);
  const which = all > MOST_PROMPTS ? `the first ${MOST_PROMPTS} of ${all}` : `all ${all}`;
  const title = `Score differences of ${names[1]} minus those of ${names[0]}, ${which} prompts`;
  return (
    <>
      <WordsTable table={tableOf("Means of both runs", comparedMeans(results, names))} />
      {prompts === null ? (
        <p class="hint">Their prompts are not the same, so prompts are not paired.</p>
      ) : (
        <details>
          <summary>Prompt by prompt</summary>
          <WordsTable table={tableOf(title, prompts)} />
        </details>
      )}
    </>
  );
}

function tableOf(title: string, cells: Pick<Table, "header" | "rows">): Table {
  return { name: "comparison", title, caption: "", ...cells };
}
