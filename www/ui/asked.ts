// An answer that takes a moment, in a component: none yet, or none at all, where there is nothing to be asked.

import { useEffect, useState } from "preact/hooks";
import { messageOf } from "../door/errors.ts";

interface Asked<T> {
  answer: T | null;
  /** Why there is none, or "". */
  problem: string;
}

const NONE = { answer: null, problem: "" };

/** Asks again where one of `of` is another. */
export function useAsked<T>(of: readonly unknown[], ask: () => Promise<T> | null): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>(NONE);
  useEffect(() => {
    let late = false;
    const set = (now: Asked<T>) => late || setAsked(now);
    set(NONE);
    ask()?.then(
      (answer) => set({ answer, problem: "" }),
      (error: unknown) => set({ answer: null, problem: messageOf(error) }),
    );
    return () => {
      late = true;
    };
  }, of);
  return asked;
}
