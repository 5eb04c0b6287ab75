// What files say beside numbers: which version of the page asked what of which model, on which prompts.

import type { DatasetSpec, ExamplesResult, TaskSpec } from "../../pkg/cpu/patchbay.js";
import { defaults } from "../store/session.ts";
import { aside, lab } from "../store/tasks/queue.ts";
import type { Answer } from "../store/tasks/task.ts";
import { APP_VERSION } from "../store/version.ts";

/** As far as results have them. */
interface Result {
  head?: readonly [number, number];
  spec?: { dataset?: DatasetSpec; flip?: string; task?: TaskSpec; grid?: { task: TaskSpec } };
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
  const { spec = {} } = answer.reply.result as Result;
  const { dataset, flip = defaults.value.flip ?? "", task, grid } = spec;
  const of = task ?? grid?.task;
  const sentences =
    of !== undefined
      ? await examplesOf(answer, of)
      : dataset !== undefined
        ? (await lab.preview(dataset, flip, dataset.prompts?.length ?? dataset.n)).sentences
        : null;
  if (sentences === null) return provenance(answer);
  return { ...provenance(answer), prompts: sentences.map((sentence, i) => ({ prompt: i + 1, ...sentence })) };
}

/** As the model reads them: of any task only it can say. */
async function examplesOf({ asked: { source, device } }: Answer, task: TaskSpec): Promise<object[]> {
  const question = { spec: { analysis: "examples", spec: task } };
  const request = { source, device, head: null, question, unasked: true };
  const { result } = await aside((work) => lab.job<ExamplesResult>(request, work, () => undefined));
  return result.examples.map(({ clean, corrupted, answers, wrong_answers }) => ({
    sentence: clean.join(""),
    corrupted: corrupted.join(""),
    answers,
    wrong_answers,
  }));
}
