// What a question costs, known before it is asked, where the model is at hand: for the sake of the price none is fetched.

import { useEffect, useState } from "preact/hooks";
import type { Cost } from "../door/protocol.ts";
import { source } from "../store/models/models.ts";
import { atHand } from "../store/prompts.ts";
import { device } from "../store/session.ts";
import { aside, lab } from "../store/tasks/queue.ts";
import type { Task } from "../store/tasks/task.ts";
import { bytes, roughly } from "../text/format.ts";
import { useAsked } from "../ui/asked.ts";

/** Nobody who types is told of each letter. */
const PAUSE_MS = 400;

export function Price({ task }: { task: Task }) {
  const wanted = useSettled(task.wanted.value);
  const due = atHand.value && !task.under.value && (task.answer.value === null || task.stale.value);
  const { answer: cost } = useAsked([wanted, due], () => {
    const { question } = task;
    if (!due || question === null) return null;
    const request = { source: source(), device: device.value, head: null, question, unasked: true };
    return aside((work) => lab.cost(request, work));
  });
  return <p class="hint price">{cost === null ? "" : `${said(cost)}.`}</p>;
}

/** All that it takes was measured for other questions. */
export const KNOWN = "This has been computed already";

/** "0.11 TFLOP, about 3 s here"; where it is much less than runs from the beginning, how much. */
function said({ needed, done, seconds, bytes: size }: Cost): string {
  if (done === 0) return KNOWN;
  const file = size === undefined ? "" : `, and gives a file of ${bytes(size)}`;
  const saved = needed / done;
  const times =
    saved >= 2 ? ` (every run from its beginning would be ${Math.round(saved)} times as much)` : "";
  return `This takes ${flop(done)}, about ${roughly(seconds * 1000)} here${times}${file}`;
}

export function flop(operations: number): string {
  const [size, unit] = operations < 1e11 ? [1e9, "GFLOP"] : [1e12, "TFLOP"];
  return `${Number((operations / size).toPrecision(2))} ${unit}`;
}

/** The last one that has stood for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(() => value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
