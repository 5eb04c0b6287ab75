// For tests: what a browser has and the DOM of tests lacks.

import { vi } from "vitest";

/** Nothing is ever another size, and nothing comes into view; `inView`: all of it is. */
export function stubObservers({ inView = false } = {}): void {
  class Nothing {
    observe() {}
    disconnect() {}
  }
  class AllInView extends Nothing {
    constructor(private readonly tell: (entries: { isIntersecting: boolean }[]) => void) {
      super();
    }
    override observe() {
      this.tell([{ isIntersecting: true }]);
    }
  }
  vi.stubGlobal("ResizeObserver", Nothing);
  vi.stubGlobal("IntersectionObserver", inView ? AllInView : Nothing);
}
