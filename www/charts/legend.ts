// The colour scale of values around 0, or from 0 on. Colours are in heads.css, for light and dark.

import { element } from "../dom.ts";

export function legend(
  limit: number,
  { signed, digits = 2 }: { signed: boolean; digits?: number },
): HTMLElement {
  const end = limit.toFixed(digits);
  const first = signed ? `-${end}` : "0";
  return element(
    "div",
    { class: "legend hint", role: "img", "aria-label": `Colours from ${first} to ${end}` },
    element("span", {}, first),
    element("span", { class: signed ? "ramp signed" : "ramp" }),
    element("span", {}, end),
  );
}
