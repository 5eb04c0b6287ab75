// What is kept of a map of attention when the pointer goes on: a query, or a query and a key.

import type { Options } from "../../text/options.ts";
import { type Frame, innerAxes, type Places } from "./frame.ts";

/** Undefined where it is not in this frame either, such as in that of a shorter prompt. */
export function keptOf(frame: Frame, { kept }: Pick<Options, "kept">): Places | undefined {
  if (kept === "") return undefined;
  const axes = innerAxes(frame);
  const places = kept.split(" ").flatMap((text, i): [string, number][] => {
    const { name = "", labels = [] } = axes[i] ?? {};
    return Number(text) < labels.length ? [[name, Number(text)]] : [];
  });
  return places.length === kept.split(" ").length ? Object.fromEntries(places) : undefined;
}

export function keptText(frame: Frame, places: Places | undefined): string {
  return innerAxes(frame)
    .flatMap(({ name }) => places?.[name] ?? [])
    .join(" ");
}
