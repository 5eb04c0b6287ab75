// The figure of a frame, computed: the link is read as the page reads it, and only what the figure is of is asked.

import { batch } from "@preact/signals";
import { NamedError } from "../door/errors.ts";
import { FOLDER_ID } from "../door/sources.ts";
import { openLink } from "../store/link/link.ts";
import { tasksOf } from "../store/panel.ts";
import { panel } from "../store/run.ts";
import { defaults, model, schemas, texts } from "../store/session.ts";
import { ask, lab } from "../store/tasks/queue.ts";
import type { Task } from "../store/tasks/task.ts";
import type { FrameAddress } from "./address.ts";

/** Sets the page to the address's link, and answers with what has to be asked. Throws what is wrong with the address. */
export async function prepared({ analysis }: FrameAddress): Promise<Task> {
  const found = await lab.schemas();
  batch(() => {
    schemas.value = found;
    texts.value = defaults.value;
  });
  const problem = await openLink(lab);
  if (problem !== null && typeof problem !== "string") throw new NamedError("BadLink", problem.message);
  if (model.value === FOLDER_ID)
    throw new NamedError(
      "BadLink",
      "This figure is of a model from somebody's folder: it cannot be computed here.",
    );
  const here = panel.value;
  const task = analysis === "" ? here?.task : here && tasksOf(here).find(({ name }) => name === analysis);
  if (!task) throw new NamedError("BadLink", `The link's question has no answer of the name "${analysis}".`);
  return task;
}

/** Throws why there is no answer. */
export async function computed(task: Task): Promise<void> {
  if (!(await ask(task)) && task.problem.value !== null)
    throw new NamedError(task.problem.value.name, task.problem.value.message);
}
