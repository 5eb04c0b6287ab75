// What the address of a frame says: `?embed=patch.map&theme=dark#v=1&…&figure=…`.

import { FIGURE } from "../store/link/figure.ts";
import { isOption, type Options, optionProblem, USUAL } from "../text/options.ts";

export type Theme = "light" | "dark";

export interface FrameAddress {
  /** Whose answer has the figure, in the crate's names; "" for what Run asks of the link's question. */
  analysis: string;
  /** "" for the first of its figures. */
  figure: string;
  /** Whatever the browser prefers. */
  theme: Theme | null;
  /** How the figure is drawn. */
  options: Options;
  /** Its own numbers, packed; null where they are to be computed. */
  packed: string | null;
  /** The link without them, for the page. */
  link: string;
}

const QUERY = "embed";

/** Whether the page is to show one figure and nothing else. */
export function isFrame({ search }: Pick<Location, "search">): boolean {
  return new URLSearchParams(search).has(QUERY);
}

export function readAddress({ search, hash }: Pick<Location, "search" | "hash">): FrameAddress {
  const query = new URLSearchParams(search);
  const [analysis = "", figure = ""] = (query.get(QUERY) ?? "").split(".");
  const theme = query.get("theme");
  const pairs = hash.replace(/^#/, "").split("&");
  const own = `${FIGURE}=`;
  const packed = pairs.find((pair) => pair.startsWith(own))?.slice(own.length) ?? null;
  const rest = pairs.filter((pair) => !pair.startsWith(own)).join("&");
  return {
    analysis,
    figure,
    theme: theme === "light" || theme === "dark" ? theme : null,
    options: drawn(rest, `${analysis}.${figure}.`),
    packed,
    link: `#${rest}`,
  };
}

/** What is no option of a figure, or no text of one, is as usual; where the link is computed, it is refused. */
function drawn(link: string, own: string): Options {
  const found = [...new URLSearchParams(link)].flatMap(([name, text]) => {
    const option = name.slice(own.length);
    const is = name.startsWith(own) && isOption(option) && optionProblem(option, text) === null;
    return is ? [[option, text]] : [];
  });
  return { ...USUAL, ...Object.fromEntries(found) };
}
