// The program that computes an answer again with another library.

import type { Library, Script, ScriptForm } from "../../../pkg/cpu/patchbay.js";
import { aside, lab } from "../../store/tasks/queue.ts";
import type { Answer } from "../../store/tasks/task.ts";

/** The model's tokenizer makes the examples anew; a model that is not there any more is not fetched for it. */
export async function programOf(answer: Answer, library: Library, form: ScriptForm): Promise<string> {
  const { asked, reply } = answer;
  const model = { id: asked.model, origin: reply.origin };
  const spec = { analysis: "script", of: reply.analysis, result: reply.result, model, library };
  const request = {
    source: asked.source,
    device: asked.device,
    head: null,
    question: { spec },
    unasked: true,
  };
  const [{ PARTS }, script] = await Promise.all([
    import("./parts.ts"),
    aside((work) => lab.job<Script>(request, work)),
  ]);
  return lab.scriptText(script.result, form, PARTS);
}
