// How wide a figure may be, and when it is drawn. Those far from the view are not, and of those that are to be drawn at once,
// as with every new answer, each has a task of its own, so that none holds the page up for long.

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

/** What is to be drawn there now: null until it has been near the view, then always the last one, in its turn. */
export function useInTurn<T>(element: RefObject<HTMLElement | null>, value: T): T | null {
  const near = useNear(element);
  const [drawn, setDrawn] = useState<T | null>(null);
  useEffect(() => {
    if (!near) return;
    let gone = false;
    void inTurn(() => gone || setDrawn(value));
    return () => {
      gone = true;
    };
  }, [near, value]);
  return drawn;
}

/** Whether it has been near the view. */
function useNear(element: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const host = element.current;
    if (host === null) return;
    const watch = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        watch.disconnect();
        setNear(true);
      },
      { rootMargin: NEAR },
    );
    watch.observe(host);
    return () => watch.disconnect();
  }, [element]);
  return near;
}

let last = Promise.resolve();

/** Each in a task of its own, after those that wait already. */
function inTurn(draw: () => void): Promise<void> {
  last = last.then(() => new Promise((resolve) => setTimeout(resolve))).then(draw);
  return last;
}
