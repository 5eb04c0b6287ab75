// How wide a figure may be, and whether it has come near the view. Those far from it are not drawn, and those that come near
// at once are drawn one a task, so that none holds the page up for long.

import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";

/** What a chart is drawn in at least; narrower boxes scroll. */
const LEAST = 240;
const NEAR = "400px";

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

/** Once it has been near the view, it stays drawn. */
export function useNear(element: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const host = element.current;
    if (host === null) return;
    let gone = false;
    const watch = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        watch.disconnect();
        void inTurn(() => gone || setNear(true));
      },
      { rootMargin: NEAR },
    );
    watch.observe(host);
    return () => {
      gone = true;
      watch.disconnect();
    };
  }, [element]);
  return near;
}

let last = Promise.resolve();

/** Each in a task of its own, after those that wait already. */
function inTurn(draw: () => void): Promise<void> {
  last = last.then(() => new Promise((resolve) => setTimeout(resolve))).then(draw);
  return last;
}
