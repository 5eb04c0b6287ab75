// Which part of a long list is shown.

import type { Signal } from "@preact/signals";
import { count } from "../../text/format.ts";

interface PagerProps {
  what: string;
  page: Signal<number>;
  of: number;
  size: number;
}

export function Pager({ what, page, of, size }: PagerProps) {
  const last = Math.max(0, Math.ceil(of / size) - 1);
  const here = Math.min(page.value, last);
  if (last === 0) return null;
  const button = (name: string, next: number) => (
    <button
      type="button"
      aria-disabled={next < 0 || next > last}
      onClick={() => {
        if (next >= 0 && next <= last) page.value = next;
      }}
    >
      {name}
    </button>
  );
  return (
    <div class="actions pager">
      {button("Earlier", here - 1)}
      <span class="hint" role="status">
        {what} {count(here * size + 1)} to {count(Math.min(of, (here + 1) * size))} of {count(of)}
      </span>
      {button("Later", here + 1)}
    </div>
  );
}
