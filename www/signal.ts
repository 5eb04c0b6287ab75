// A value that several panels watch.

import { breathe } from "./pace.ts";

export class Signal<T> {
  #value: T;
  readonly #watchers: ((value: T) => void)[] = [];

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    this.#value = value;
    for (const watcher of this.#watchers) watcher(value);
  }

  /** As an assignment, but with a task for each watcher: all in one would hold the page up. A newer value ends it. */
  async tell(value: T): Promise<void> {
    this.#value = value;
    for (const watcher of this.#watchers) {
      await breathe();
      if (this.#value !== value) return;
      watcher(value);
    }
  }

  /** Calls with every value from the next one on. */
  watch(watcher: (value: T) => void): void {
    this.#watchers.push(watcher);
  }
}
