// A wasm panic may leave the promise that it happened under pending for ever: it is thrown outside of our calls, in
// the wasm's own task. Every call in the worker therefore ends with the first fatal error seen anywhere.

import { isOurs, NamedError } from "../door/errors.ts";
import { Lifeline } from "../door/lifeline.ts";
import { gpuIsInUse } from "./packages.ts";

let panic = "";
const lifeline = new Lifeline();

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
      lifeline.die(fatalError(event.error));
    }
  });
  scope.addEventListener("unhandledrejection", (event) => {
    if (event instanceof PromiseRejectionEvent && isFatal(event.reason))
      lifeline.die(fatalError(event.reason));
  });
}

/** `work`, unless something fatal happens first. After that every call ends in the same message. */
export function unlessFatal<T>(work: () => Promise<T>): Promise<T> {
  return lifeline.guard(async () => {
    try {
      return await work();
    } catch (error) {
      if (!isFatal(error)) throw error;
      const fatal = fatalError(error);
      lifeline.die(fatal);
      throw fatal;
    }
  });
}

/**
 * A trap, or a stack overflow, of which the wasm's memory knows as little: it is in no state to go on. Nor is it where
 * what a browser's GPU throws has gone through it, which may be any error but ours.
 */
export function isFatal(error: unknown, onGpu = gpuIsInUse()): error is Error {
  if (error instanceof WebAssembly.RuntimeError) return true;
  if (onGpu && error instanceof Error && !isOurs(error)) return true;
  return error instanceof Error && /call stack|too much recursion/i.test(error.message);
}

/** What a panic interrupted still counts as borrowed, and free() throws then: that must not hide the panic. */
export function freeQuietly(owner: { free(): void } | undefined): void {
  try {
    owner?.free();
  } catch (error) {
    console.warn("could not be freed:", error);
  }
}

function fatalError(error: Error): NamedError {
  const why = panic || error.message;
  // Whatever it is, another worker and the CPU can be tried; if they fail too, they say so themselves.
  if (gpuIsInUse())
    return new NamedError("DeviceError", `The GPU's program stopped with an internal error (${why}).`, {
      restart: true,
    });
  return new NamedError(
    error.name,
    `The computation stopped with an internal error (${why}). This is a bug or a lack of memory. Run again, which begins afresh; fewer open tabs or a smaller model may help.`,
    { restart: true },
  );
}
