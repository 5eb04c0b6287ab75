// Whether a run came out as the opened link says. Other settings than the link's were not promised anything.

import { MINI_ID } from "../door/sources.ts";
import { files } from "../public/models/ioi-mini/card.json";
import { promised } from "../store/link/link.ts";
import { fieldsOf } from "../store/session.ts";
import { lab } from "../store/tasks/queue.ts";
import { useAsked } from "../ui/asked.ts";
import { finished, type Run } from "./finished.ts";
import { experiment } from "./place/tasks.ts";

/** What has no part in the means: a link may be tried on another device. */
const BESIDE = ["accuracy"];

function isPromised({ asked }: Run): boolean {
  const link = promised.value;
  if (link === null || link.model !== asked.model || !("texts" in asked.question)) return false;
  const { texts } = asked.question;
  return fieldsOf("experiment").every(
    ({ name }) => BESIDE.includes(name) || link.texts[name] === texts[name],
  );
}

/** How the run compares with what was promised. */
export function useComparison() {
  const run = experiment.answer.value;
  const link = promised.value;
  return useAsked([run, link], () =>
    run !== null && link !== null && isPromised(run)
      ? lab.compareHeadline(link.headline, finished(run))
      : null,
  );
}

/** Whether the link is to a former model of this page's own, which had the same name. */
function isReplaced(): boolean {
  const link = promised.value;
  return link?.model === MINI_ID && link.headline.sha256 !== files["model.safetensors"].sha256;
}

/** Where who opened the link and pressed Run is looking. */
export function Verdict() {
  const { answer, problem } = useComparison();
  const good = answer?.agrees ?? problem === "";
  return (
    <p role="status" class={good ? "verdict note" : "verdict message bad"}>
      {problem}
      {answer !== null && (
        <>
          {answer.verdict}{" "}
          {isReplaced() && "The page's own model has been replaced since the link was made. "}
          <a href="#question=reproduce">Reproduce has both.</a>
        </>
      )}
    </p>
  );
}
