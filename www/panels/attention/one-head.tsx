// The chosen head by itself: what it does in words, its figures with their places among all heads', the prompts where it matters
// most, and what else can be asked of it.

import type { Table } from "../../../pkg/cpu/patchbay.js";
import { examples } from "../../store/prompts.ts";
import { choosePrompt, goTo, head, prompt, setText } from "../../store/session.ts";
import { WithTerms } from "../../ui/floating/term.tsx";
import { ActionGrid } from "../../ui/tables/action-grid.tsx";
import { WordsTable } from "../../ui/tables/words-table.tsx";
import { Mark, standingClass } from "../standing.tsx";
import { heads } from "./asked.ts";
import { Patched } from "./patched.tsx";

/** What of the answer stands here, head by head, or belongs to “Who writes the answer?”. */
export const ELSEWHERE: readonly string[] = ["said", "scores", "prompts", "effects", "differences"];

/** A table's rows of one head, without its name. */
function ofHead(table: Table, name: string): Table {
  const rows = table.rows.flatMap(([head, ...cells]) => (head === name ? [cells] : []));
  return { ...table, header: table.header.slice(1), rows };
}

export function OneHead() {
  const tables = heads.report.value?.tables ?? [];
  const name = head.value?.join(".") ?? "";
  const [said, scores, prompts] = ["said", "scores", "prompts"].map((wanted) => {
    const table = tables.find((table) => table.name === wanted);
    return table && ofHead(table, name);
  });
  const words = said?.rows[0]?.[0];
  if (words === undefined || scores === undefined || prompts === undefined) return null;
  return (
    <section class={`one-head ${standingClass(heads)}`} aria-label={`Head ${name}`}>
      <h2>
        Head {name}
        <Mark of={heads} />
      </h2>
      <p>
        <WithTerms text={words} />
      </p>
      <WordsTable table={scores} />
      <Patched name={name} />
      <Prompts table={prompts} name={name} />
      <Further name={name} />
    </section>
  );
}

/** Each chooses its prompt, for the whole page. */
function Prompts({ table: { title, caption, rows }, name }: { table: Table; name: string }) {
  return (
    <div>
      <h3>{title}</h3>
      <ActionGrid
        label={`The prompts where head ${name} matters most`}
        empty=""
        rows={rows.map(([number = "", direct, total]) => ({
          key: number,
          current: prompt.value === Number(number) - 1,
          head: (
            <>
              {examples.value[Number(number) - 1]?.sentence ?? `Prompt ${number}`}
              <br />
              <span class="hint">
                direct effect {direct}, total effect {total}
              </span>
            </>
          ),
          actions: [
            <button type="button" onClick={() => choosePrompt(Number(number) - 1)}>
              Prompt {number}
            </button>,
          ],
        }))}
      />
      <p class="hint">{caption}</p>
    </div>
  );
}

function Further({ name }: { name: string }) {
  return (
    <div class="actions">
      <button
        type="button"
        onClick={() => {
          setText("patch_site", "z");
          setText("patch_over", "layer,head");
          goTo("matters", { arrive: true });
        }}
      >
        What matters? z of head {name} among all
      </button>
      <button type="button" onClick={() => goTo("why", { arrive: true })}>
        Why does head {name} attend?
      </button>
      <button type="button" onClick={() => goTo("writes", { arrive: true })}>
        Who writes the answer?
      </button>
    </div>
  );
}
