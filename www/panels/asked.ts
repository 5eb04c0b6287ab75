// A question of one analysis, with what its own fields say.

import { textsOf } from "../store/session.ts";
import { Task } from "../store/tasks/task.ts";

export const asked = <T = unknown>(analysis: string): Task<T> =>
  new Task<T>({ name: analysis, wants: () => ({ analysis, texts: textsOf(analysis) }) });
