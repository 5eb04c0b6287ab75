// Which task a question is asked on, as one of its controls; what the task's prompts are made of is set in Prompts.

import { Fields } from "../schema/form.tsx";
import { task } from "../store/session.ts";

export function TaskChoice({ analysis }: { analysis: string }) {
  return (
    <>
      <Fields analysis={analysis} only={["task"]} />
      {task.value === "ioi" && <Fields analysis={analysis} only={["corruption"]} />}
      <p class="hint field">
        The prompt is chosen above the questions; <a href="#question=prompts">what it is made of</a> is set in
        Prompts.
      </p>
    </>
  );
}
