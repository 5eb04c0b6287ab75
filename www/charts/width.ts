// How wide an element is, as it changes.

import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** What a chart is drawn in at least; narrower boxes scroll. */
const LEAST = 240;

/** In whole pixels; 0 before it is known. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const host = element.current;
    if (host === null) return;
    const read = () => setWidth(Math.max(LEAST, Math.floor(host.clientWidth)));
    read();
    const watch = new ResizeObserver(read);
    watch.observe(host);
    return () => watch.disconnect();
  }, [element]);
  return width;
}
