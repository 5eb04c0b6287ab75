// What is larger than its place scrolls by itself, and then the keyboard gets at it.

import { useEffect, useRef, useState } from "preact/hooks";

/** For the element that may scroll. */
export function useScrolls<T extends HTMLElement>() {
  const ref = useRef<T>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const box = ref.current;
    if (box === null) return;
    const observer = new ResizeObserver(() =>
      setScrolls(box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight),
    );
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  return { ref, scrolls };
}
