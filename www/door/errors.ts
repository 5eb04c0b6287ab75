// One shape for everything that can go wrong, on both sides of the worker. Comlink keeps an Error's name and
// message but not `field`, so calls answer with an Outcome instead of throwing across the boundary.

export interface Problem {
  name: string;
  message: string;
  /** The field of the form or link that the message is about, where there is one. */
  field: string | null;
  /** All that is wrong with fields, where there is more to say than the message. */
  problems: readonly { field: string; message: string }[];
  /** Only a reload helps: the site has probably another version by now. */
  reload: boolean;
  /** The worker (or its GPU) cannot be used any more: the next run has a new one. */
  restart: boolean;
  /** Another run may mend it: what was missing or wrong is fetched again. */
  again: boolean;
}

export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export const CANCELLED = "Cancelled";

/** An Error with the contract's `name` and `field`, as the wasm also throws them. */
export class NamedError extends Error {
  readonly field: string | null;
  readonly problems: Problem["problems"];
  readonly reload: boolean;
  readonly restart: boolean;
  readonly again: boolean;

  constructor(
    name: string,
    message: string,
    { field = null, problems = [], reload = false, restart = false, again = false }: Partial<Problem> = {},
  ) {
    super(message);
    this.name = name;
    this.field = field;
    this.problems = problems;
    this.reload = reload;
    this.restart = restart;
    this.again = again;
  }
}

/** The names of the wasm's errors (ErrorKind). */
const WASM_NAMES = ["BadInput", "BadModel", "BadHook", "DeviceError"];

/** Whether somebody chose the error's words: it is not the browser's. */
export function isOurs(error: Error): boolean {
  return error instanceof NamedError || WASM_NAMES.includes(error.name);
}

export function problemOf(error: unknown): Problem {
  const message = messageOf(error);
  if (!(error instanceof Error)) return problemOf(new NamedError("Error", message));
  const { field, problems, reload, restart, again } = error as Partial<Problem>;
  return {
    name: error.name,
    message,
    field: typeof field === "string" ? field : null,
    problems: problems ?? [],
    reload: reload === true,
    restart: restart === true,
    again: again === true,
  };
}

export function errorOf(problem: Problem): NamedError {
  return new NamedError(problem.name, problem.message, problem);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
