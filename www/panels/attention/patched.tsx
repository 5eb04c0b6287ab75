// What patching the chosen head does: its z from the clean run, in the corrupted one.

import { ask } from "../../store/tasks/queue.ts";
import { WordsTable } from "../../ui/tables/words-table.tsx";
import { Price } from "../price.tsx";
import { Unanswered } from "../standing.tsx";
import { patched } from "./asked.ts";

export function Patched({ name }: { name: string }) {
  const { report, stale, under } = patched;
  const due = report.value === null || stale.value;
  const table = report.value?.tables.find(({ name }) => name === "metrics");
  if (patched.question === null) return null;
  return (
    <div class="patched">
      {due && !under.value && (
        <div class="actions">
          <button type="button" onClick={() => void ask(patched)}>
            Patch z of head {name}
          </button>
          <Price task={patched} />
        </div>
      )}
      <Unanswered task={patched} />
      {!due && table && (
        <WordsTable
          table={{
            ...table,
            title: "What its z brings back",
            caption: `The corrupted runs as they are, and with head ${name}’s z from the clean run at every position. ${table.caption}`,
          }}
        />
      )}
    </div>
  );
}
