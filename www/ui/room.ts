// Room that what changes keeps: an element becomes as high as it has been at this width, so that what stands below it does
// not go up and down. It begins anew where it is of something else.

import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

export function useRoom(of: RefObject<HTMLElement | null>, what: string): void {
  useEffect(() => {
    const element = of.current;
    if (element === null) return;
    element.style.minHeight = "";
    let known = { width: 0, height: 0 };
    const observer = new ResizeObserver(() => {
      const { offsetWidth: width, offsetHeight: height } = element;
      if (width !== known.width) {
        element.style.minHeight = "";
        known = { width, height: element.offsetHeight };
      } else if (height > known.height) known.height = height;
      else return;
      element.style.minHeight = `${known.height}px`;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [what]);
}
