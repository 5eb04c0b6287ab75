// What files say beside numbers: which version of the page asked what of which model, on which prompts.

import type { DatasetSpec } from "../../pkg/cpu/patchbay.js";
import { defaults } from "../store/session.ts";
import { lab } from "../store/tasks/queue.ts";
import type { Answer } from "../store/tasks/task.ts";
import { APP_VERSION } from "../store/version.ts";

/** As far as results have them. */
interface Result {
  head?: readonly [number, number];
  spec?: { dataset?: DatasetSpec; flip?: string };
}

export function provenance({ asked, reply, date }: Answer) {
  const { result, report, model, device, note, origin, timings_ms, left_out } = reply;
  const { head, spec } = result as Result;
  return {
    patchbay: APP_VERSION,
    date,
    about: report?.about,
    asked: asked.question,
    spec,
    head,
    model: { id: asked.model, ...model, ...origin },
    device: { ...device, note },
    timings_ms,
    left_out,
  };
}

/** The same with the sentences, numbered from 1, where the numbers are of many. */
export async function withPrompts(answer: Answer): Promise<object> {
  const { dataset, flip = defaults.value.flip ?? "" } = (answer.reply.result as Result).spec ?? {};
  if (dataset === undefined) return provenance(answer);
  const { sentences } = await lab.preview(dataset, flip, dataset.prompts?.length ?? dataset.n);
  return { ...provenance(answer), prompts: sentences.map((sentence, i) => ({ prompt: i + 1, ...sentence })) };
}
