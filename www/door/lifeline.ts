// Calls that must all end when what they wait for dies. A Promise.race of each call against one promise that never
// settles would do that too, but that promise would hold on to every reply ever given.

export class Lifeline {
  #death: Error | null = null;
  readonly #pending = new Set<(error: Error) => void>();

  /** Ends every call, those under way and those to come, with this error. The first death counts. */
  die(error: Error): void {
    if (this.#death !== null) return;
    this.#death = error;
    for (const reject of this.#pending) reject(error);
    this.#pending.clear();
  }

  /** What `work` ends in, unless death comes first. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#death !== null) throw this.#death;
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      work()
        .then(resolve, reject)
        .finally(() => this.#pending.delete(reject));
    });
  }
}
