// One message in one wording, said once: whoever would say it asks whether another place does, that is nearer to where one looks.

import { signal } from "@preact/signals";
import { useLayoutEffect, useMemo } from "preact/hooks";

/** Places, the nearest first: the field that has to be mended, the end of a run, above the questions, an answer's place. */
const PLACES = ["field", "run", "above", "answer"] as const;
type Place = (typeof PLACES)[number];

interface Saying {
  text: string;
  place: number;
  /** The number of who says it: of two at one place, the one with the smaller number was there before. */
  by: number;
}

const sayings = signal<readonly Saying[]>([]);
let last = 0;

/** Whether no other place says this text. "" is nothing said. */
export function useSaid(text: string, where: Place): boolean {
  const by = useMemo(() => {
    last += 1;
    return last;
  }, []);
  const place = PLACES.indexOf(where);
  useLayoutEffect(() => {
    if (text === "") return;
    const own = { text, place, by };
    sayings.value = [...sayings.peek(), own];
    return () => {
      sayings.value = sayings.peek().filter((other) => other !== own);
    };
  }, [text]);
  const before = (other: Saying) => other.place < place || (other.place === place && other.by < by);
  return text !== "" && !sayings.value.some((other) => other.text === text && before(other));
}
