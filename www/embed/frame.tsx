// What a frame shows: the figure, which model it is of, whether it is the link's or computed here, and the way to the page.

import { useEffect, useState } from "preact/hooks";
import { FigureDrawing } from "../charts/figure-drawing.tsx";
import type { Figure } from "../charts/frame/frame.ts";
import { messageOf } from "../door/errors.ts";
import { MINI_ID, modelName, shortName } from "../door/sources.ts";
import { Progress } from "../frame/progress.tsx";
import { apart, type StoredFigure } from "../store/link/figure.ts";
import { model } from "../store/session.ts";
import type { Task } from "../store/tasks/task.ts";
import { small } from "../text/format.ts";
import type { Options } from "../text/options.ts";
import { visible } from "../text/plain-text.ts";
import { Guard } from "../ui/guard.tsx";
import type { FrameAddress } from "./address.ts";
import { computed, prepared } from "./compute.ts";

interface FrameProps {
  address: FrameAddress;
  /** The link's own numbers. */
  stored: StoredFigure | null;
  /** Why there are none, where the link should have some. */
  unread: string;
}

export function Frame({ address, stored, unread }: FrameProps) {
  const [task, setTask] = useState<Task | null>(null);
  const [problem, setProblem] = useState("");
  const [options, setOptions] = useState<Options>(address.options);
  const compute = async ({ asked = false } = {}) => {
    setProblem("");
    try {
      const own = task ?? (await prepared(address));
      setTask(own);
      // The model that comes with the page costs no download worth asking for.
      if (asked || model.value === MINI_ID) await computed(own);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  useEffect(() => {
    if (stored === null) void compute();
  }, []);
  const report = task?.report.value ?? null;
  const own = report && figureOf(report.figures, address.figure);
  const figure = own ?? stored?.figure ?? null;
  const of = own === null ? stored : { model: modelName(model.value), about: report?.about ?? "" };
  const under = task?.under.value ?? false;
  const done = task !== null && !under && task.answer.value !== null;
  return (
    <>
      {figure !== null && (
        <figure class="figure" aria-labelledby="title">
          <h3 id="title">{visible(figure.title)}</h3>
          <Guard of={figure}>
            <FigureDrawing
              title={visible(figure.title)}
              figure={figure}
              options={options}
              setOptions={(set) => setOptions((now) => ({ ...now, ...set }))}
            />
          </Guard>
          {figure.caption !== "" && <figcaption>{visible(figure.caption)}</figcaption>}
        </figure>
      )}
      {[unread, problem].filter(Boolean).map((text) => (
        <p key={text} class="message bad" role="alert">
          {text}
        </p>
      ))}
      <footer class="hint">
        {of !== null && <p>{visible([of.model, of.about].filter(Boolean).join(" · "))}</p>}
        {under && task !== null ? (
          <Progress task={task} />
        ) : (
          <Standing {...{ stored, own, done, task, problem }} compute={() => void compute({ asked: true })} />
        )}
        <a href={`${location.pathname}${address.link}`} target="_blank" rel="noopener">
          Open in Patchbay
        </a>
      </footer>
    </>
  );
}

interface StandingProps {
  stored: StoredFigure | null;
  own: Figure | null;
  done: boolean;
  task: Task | null;
  problem: string;
  compute: () => void;
}

/** Whose numbers these are, and the offer to compute them. */
function Standing({ stored, own, done, task, problem, compute }: StandingProps) {
  if (done && own === null) return <p role="status">The answer has no such figure.</p>;
  if (done) return <p role="status">{computedText(stored, own)}</p>;
  const offer =
    stored !== null ? "Compute it here" : task !== null ? `Compute it with ${shortName(model.value)}` : "";
  return (
    <>
      {stored !== null && <p>The numbers are as the link has them.</p>}
      {(problem !== "" || offer !== "") && (
        <button type="button" onClick={compute}>
          {problem === "" ? offer : "Try again"}
        </button>
      )}
    </>
  );
}

function computedText(stored: StoredFigure | null, own: Figure | null): string {
  if (stored === null || own === null) return "Computed here.";
  const most = apart(stored.figure, own);
  return most === null
    ? "Computed here. The link's numbers are of something else."
    : `Computed here. The link's numbers, which are rounded, differ by at most ${small(most)}.`;
}

function figureOf(figures: readonly Figure[], name: string): Figure | null {
  return (name === "" ? figures[0] : figures.find((figure) => figure.name === name)) ?? null;
}
