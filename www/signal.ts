// A value that several panels watch.

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

  /** Calls with every value from the next one on. */
  watch(watcher: (value: T) => void): void {
    this.#watchers.push(watcher);
  }
}
