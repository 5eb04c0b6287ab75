// The same experiment at every head of every layer. A head that is chosen in its maps is chosen everywhere.

import { runNow } from "../../store/run.ts";
import { Also } from "../also.tsx";
import { experiment, isQuick, sweep } from "./tasks.ts";

export function AllHeads() {
  const { n_layer = 0, n_head = 0 } = experiment.answer.value?.reply.model ?? {};
  return (
    <Also
      task={sweep}
      question="all-heads"
      label="All heads"
      title="The same at every head"
      press={`Ask all ${n_layer * n_head} heads`}
      main={experiment}
      quick={isQuick()}
      chose={again}
    />
  );
}

/** The head that was chosen is run where that is over at once; else the answer says that it is of another. */
function again(): void {
  if (isQuick()) void runNow({ own: true });
}
