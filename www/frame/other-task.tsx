// In the place of a question that is asked of the task IOI alone, while another task is chosen.

import { fieldsOf, setText, task } from "../store/session.ts";

export function OtherTask() {
  const kind = fieldsOf("attention").find(({ name }) => name === "task")?.kind;
  const choices = kind?.is === "choice" ? kind.choices : [];
  const label = (value: string) => choices.find((choice) => choice.value === value)?.label ?? value;
  return (
    <>
      <h2>This question is about indirect objects</h2>
      <p>
        It asks of one head whether it looks at IO or at S, which only prompts of the task {label("ioi")}{" "}
        (IOI) have. The task chosen now is {label(task.value)}.
      </p>
      <button type="button" class="primary" onClick={() => setText("task", "ioi")}>
        Back to {label("ioi")}
      </button>
    </>
  );
}
