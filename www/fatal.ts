// A wasm panic may leave the promise that it happened under pending for ever: it is thrown outside of our calls, in
// the wasm's own task. Every call in the worker is therefore raced against the first fatal error seen anywhere.

import { NamedError } from "./errors.ts";

let panic = "";
let die: (error: NamedError) => void = () => undefined;
const death = new Promise<never>((_, reject) => {
  die = reject;
});
death.catch(() => undefined);

/** To be called once, first thing in the worker. */
export function watchForPanics(scope: EventTarget): void {
  // console_error_panic_hook prints the panic's message; the RuntimeError itself only says "unreachable".
  const print = console.error;
  console.error = (...parts: unknown[]) => {
    print(...parts);
    if (String(parts[0]).startsWith("panicked at")) panic = String(parts[0]).split("\n\nStack:")[0] ?? "";
  };
  scope.addEventListener("error", (event) => {
    if (event instanceof ErrorEvent && isFatal(event.error)) {
      event.preventDefault();
      die(fatalError(event.error));
    }
  });
  scope.addEventListener("unhandledrejection", (event) => {
    if (event instanceof PromiseRejectionEvent && isFatal(event.reason)) die(fatalError(event.reason));
  });
}

/** `work`, unless something fatal happens first. After that every call ends in the same message. */
export async function unlessFatal<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await Promise.race([death, (async () => work())()]);
  } catch (error) {
    if (!isFatal(error)) throw error;
    const fatal = fatalError(error);
    die(fatal);
    throw fatal;
  }
}

function isFatal(error: unknown): error is Error {
  return error instanceof WebAssembly.RuntimeError;
}

function fatalError(error: Error): NamedError {
  const why = panic || error.message;
  return new NamedError(
    error.name,
    `The computation stopped with an internal error (${why}). This is a bug or a lack of memory. Reload the page to go on; fewer open tabs or a smaller model may help.`,
    { reload: true },
  );
}
