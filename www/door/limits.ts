// Waits that have an end.

const TICK_MS = 1000;

/**
 * What `wait` gives, unless that takes longer; then it fails with `late()`. The seconds are counted one by one as they
 * come and not read from a clock: a computer that slept, or a thread that was busy, has not waited.
 */
export function within<T>(seconds: number, wait: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    let left = seconds;
    const timer = setInterval(() => {
      left -= 1;
      if (left > 0) return;
      clearInterval(timer);
      reject(late());
    }, TICK_MS);
    wait.finally(() => clearInterval(timer)).then(resolve, reject);
  });
}
