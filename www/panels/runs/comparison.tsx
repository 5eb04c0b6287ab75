// Two runs side by side, as tables.

import { useSignal } from "@preact/signals";
import type { Table } from "../../../pkg/cpu/patchbay.js";
import type { Kept } from "../../store/runs/runs.ts";
import { DataTable } from "../../ui/tables/data-table.tsx";
import { WordsTable } from "../../ui/tables/words-table.tsx";
import { type AnswerPair, Beside, besideOf } from "../beside.tsx";
import { comparedMeans, comparedPrompts, differingSettings } from "./compare.ts";
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
  const answers: AnswerPair = [
    { name: names[0], answer: pair[0].answer },
    { name: names[1], answer: pair[1].answer },
  ];
  const isOfExperiments = one !== null && other !== null;
  const figure = isOfExperiments ? null : besideOf(answers);
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
      {isOfExperiments ? (
        <Numbers results={[one, other]} names={names} />
      ) : (
        <WordsTable
          table={tableOf("Answers", {
            header: ["run", "answer"],
            rows: pair.map(({ answer }, place) => [names[place] ?? "", answer.reply.report?.answer ?? ""]),
          })}
        />
      )}
      {figure !== null && <Beside pair={answers} figure={figure} />}
    </section>
  );
}

interface NumbersProps {
  results: Parameters<typeof comparedMeans>[0];
  names: readonly [string, string];
}

function Numbers({ results, names }: NumbersProps) {
  const open = useSignal(false);
  const prompts = comparedPrompts(results);
  const summary = `Prompt by prompt: ${names[1]} minus ${names[0]}`;
  return (
    <>
      <WordsTable table={tableOf("Means of both runs", comparedMeans(results, names))} />
      {prompts === null ? (
        <p class="hint">Their prompts are not the same, so prompts are not paired.</p>
      ) : (
        <details onToggle={({ currentTarget }) => (open.value = currentTarget.open)}>
          <summary>{summary}</summary>
          {open.value && <DataTable caption={summary} {...prompts} />}
        </details>
      )}
    </>
  );
}

function tableOf(title: string, cells: Pick<Table, "header" | "rows">): Table {
  return { name: "comparison", title, caption: "", ...cells };
}
