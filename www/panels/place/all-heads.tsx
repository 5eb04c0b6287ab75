// The same experiment at every head of every layer. A head that is chosen in its maps is chosen everywhere.

import { useEffect, useRef } from "preact/hooks";
import { CANCELLED } from "../../door/errors.ts";
import type { Cost } from "../../door/protocol.ts";
import type { Work } from "../../door/work.ts";
import { source } from "../../store/models/models.ts";
import { runNow } from "../../store/run.ts";
import { device, textsOf } from "../../store/session.ts";
import { aside, ask, lab } from "../../store/tasks/queue.ts";
import { roughly } from "../../text/format.ts";
import { useAsked } from "../../ui/asked.ts";
import { ReportView } from "../report.tsx";
import { experiment, isQuick, sweep } from "./tasks.ts";

export function AllHeads() {
  const { n_layer = 0, n_head = 0 } = experiment.answer.value?.reply.model ?? {};
  const section = useRef<HTMLElement>(null);
  const asked = sweep.report.value !== null;
  const due = sweep.answer.value === null || sweep.stale.value;
  return (
    <section class="all-heads" aria-label="All heads" tabIndex={-1} ref={section}>
      {!asked && <h2>The same at every head</h2>}
      {due && !isQuick() && <Ask heads={n_layer * n_head} gone={() => section.current?.focus()} />}
      <ReportView task={sweep} question="all-heads" before={null} chose={again} />
      {sweep.problem.value !== null && sweep.problem.value.name !== CANCELLED && (
        <p class="hint" role="status">
          All heads: {sweep.problem.value.message}
        </p>
      )}
    </section>
  );
}

/** The head that was chosen is run where that is over at once; else the answer says that it is of another. */
function again(): void {
  if (isQuick()) void runNow({ own: true });
}

/** What it costs is known before it is asked. `gone`: the button went away with the keyboard on it. */
function Ask({ heads, gone }: { heads: number; gone: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  const under = sweep.under.value;
  useEffect(() => () => void (document.activeElement === button.current && gone()), []);
  const wanted = sweep.wanted.value;
  const ready = !experiment.stale.value && !experiment.busy;
  // Of a model that is not there it would be read for the sake of the price. That is only told; what is wrong with the
  // question is said when it is asked.
  const { answer: cost } = useAsked([wanted, ready], () => (ready ? aside(costOfAll) : null));
  return (
    <div class="actions">
      <button
        type="button"
        ref={button}
        aria-disabled={under}
        onClick={() => {
          if (!under) void ask(sweep);
        }}
      >
        Ask all {heads} heads
      </button>
      <p class="hint">{cost !== null && `This takes about ${roughly(cost.seconds * 1000)} here.`}</p>
    </div>
  );
}

function costOfAll(work: Work): Promise<Cost> {
  const question = { analysis: "sweep", texts: textsOf("sweep") };
  return lab.cost({ source: source(), device: device.value, head: null, question, unasked: true }, work);
}
