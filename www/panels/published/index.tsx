// What others have published of GPT-2 small, beside what this page computes: offered where the model in use has those weights.

import { useEffect, useId, useState } from "preact/hooks";
import { FigureView } from "../../charts/figure-view.tsx";
import { messageOf } from "../../door/errors.ts";
import { HUB_ID, modelName, shortName } from "../../door/sources.ts";
import { chooseHead, model } from "../../store/session.ts";
import { ask, lab } from "../../store/tasks/queue.ts";
import { type Options, USUAL } from "../../text/options.ts";
import { WordsTable } from "../../ui/tables/words-table.tsx";
import { fileName } from "../file-name.ts";
import { Price } from "../price.tsx";
import { provenance } from "../provenance.ts";
import { Mark, standingClass, Unanswered } from "../standing.tsx";
import { fetchFigures, verify, whose } from "./asked.ts";
import { about, gridsOf, headline, mapOf, notebook, tableOf, wordsOf } from "./figures.ts";

export function Published() {
  const [problem, setProblem] = useState("");
  const id = useId();
  const offered = whose.value === "theirs";
  useEffect(() => {
    if (offered) fetchFigures().catch((error) => setProblem(messageOf(error)));
  }, [offered]);
  const answer = verify.answer.value;
  return (
    <section class="also" aria-labelledby={id}>
      <h2 id={id}>
        {answer === null ? "Does it agree with what others have published?" : headline(answer.reply.result)}
        <Mark of={verify} />
      </h2>
      {problem !== "" && (
        <p class="message bad" role="status">
          {problem}
        </p>
      )}
      <Offer failed={setProblem} />
      <Unanswered task={verify} />
      {answer !== null && (
        <div class={standingClass(verify)}>
          <p>{about(answer.reply.result)}</p>
          <p>{notebook(answer.reply.result)}</p>
          <Maps />
          <WordsTable table={tableOf(answer.reply.result)} />
        </div>
      )}
    </section>
  );
}

/** The button, or why there is none. */
function Offer({ failed }: { failed: (why: string) => void }) {
  if (whose.value !== "theirs") return <p class="hint">{whyNot()}</p>;
  const compare = async () => {
    failed("");
    try {
      await fetchFigures();
    } catch (error) {
      return failed(messageOf(error));
    }
    await ask(verify);
  };
  return (
    <div class="actions">
      <button type="button" onClick={() => void compare()}>
        {verify.answer.value === null ? "Compare with the published figures" : "Compare again"}
      </button>
      <Price task={verify} />
    </div>
  );
}

function whyNot(): string {
  const what = `These figures are of GPT-2 small, and they are compared with its own weights alone, which are known by their hash.`;
  return whose.value === "others"
    ? `${what} ${shortName(model.value)} has other weights. Choose ${shortName(HUB_ID)} for it.`
    : `${what} Which weights ${shortName(model.value)} has is known once it has been read: run something first.`;
}

function Maps() {
  const answer = verify.answer.value;
  const grids = answer === null ? [] : gridsOf(answer.reply.result);
  const id = useId();
  const [chosen, setChosen] = useState("");
  const [options, setOptions] = useState<Options>(USUAL);
  const grid = grids.find(({ name }) => name === chosen) ?? grids[0];
  if (answer === null || grid === undefined) return null;
  const name = modelName(answer.asked.model);
  return (
    <>
      <div class="figure-choices">
        <label for={id}>Map</label>
        <select id={id} value={grid.name} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
          {grids.map(({ name }) => (
            <option key={name} value={name}>
              {wordsOf(name)}
            </option>
          ))}
        </select>
      </div>
      <FigureView
        key={grid.name}
        figure={mapOf(grid)}
        name={name}
        about="figures of others beside this page's"
        stem={`patchbay-${fileName(name)}-published-${grid.name.replaceAll(/\W+/g, "-")}`}
        csv={(frame) => lab.csv(frame)}
        of={() => provenance(answer)}
        onChoose={({ layer, head }) => {
          if (layer !== undefined && head !== undefined) chooseHead(layer, head);
        }}
        options={options}
        setOptions={(set) => setOptions({ ...options, ...set })}
      />
    </>
  );
}
