// An answer's map beside another's: of another site, another edit, another task, whatever has the same places.

import { useMemo, useState } from "preact/hooks";
import { FigureView } from "../charts/figure-view.tsx";
import { beside } from "../charts/frame/beside.ts";
import type { Figure } from "../charts/frame/frame.ts";
import { modelName } from "../door/sources.ts";
import { chooseHead, head } from "../store/session.ts";
import { lab } from "../store/tasks/queue.ts";
import type { Answer } from "../store/tasks/task.ts";
import { type Options, USUAL } from "../text/options.ts";
import { fileName } from "./file-name.ts";
import { provenance } from "./provenance.ts";

export interface NamedAnswer {
  /** "run 3" */
  name: string;
  answer: Answer;
}

export type AnswerPair = readonly [NamedAnswer, NamedAnswer];

/** Of their first figures of one name that have the same places; null where there are none. */
export function besideOf([one, other]: AnswerPair): Figure | null {
  for (const figure of one.answer.reply.report?.figures ?? []) {
    const like = other.answer.reply.report?.figures.find(({ name }) => name === figure.name);
    const both = like && beside(figure, like, [one.name, other.name]);
    if (both) return both;
  }
  return null;
}

export function Beside({ pair, figure }: { pair: AnswerPair; figure: Figure }) {
  const [options, setOptions] = useState<Options>(USUAL);
  const { answer } = pair[1];
  const about = useMemo(() => aboutBoth(pair), [pair]);
  const models = [...new Set(pair.map((it) => modelName(it.answer.asked.model)))].join(" and ");
  const stems = pair.map((it) => it.answer.reply.report?.stem);
  return (
    <FigureView
      figure={figure}
      name={models}
      about={about}
      stem={["patchbay", fileName(modelName(answer.asked.model)), "beside", ...stems].join("-")}
      csv={(frame) => lab.csv(frame)}
      of={() => ({ runs: pair.map((it) => ({ name: it.name, ...provenance(it.answer) })) })}
      chosen={head.value === null ? {} : { layer: head.value[0], head: head.value[1] }}
      onChoose={({ layer, head }) => {
        if (layer !== undefined && head !== undefined) chooseHead(layer, head);
      }}
      options={options}
      setOptions={(set) => setOptions({ ...options, ...set })}
    />
  );
}

/** "run 1: z patched …; run 2: z set to zero …" */
function aboutBoth(pair: AnswerPair): string {
  return pair.map(({ name, answer }) => `${name}: ${answer.reply.report?.about ?? ""}`).join("; ");
}
