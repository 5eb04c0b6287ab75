// Numbers in charts. The minus sign is the keyboard's, as everywhere: figures are copied into code.

/**
 * Numbers of one scale, all with as many decimals as its end needs for two digits or three: "-0.48", "12.3". `least`: the
 * smallest size that is to have a digit, as far as four decimals go.
 */
export function formatter(limit: number, least = limit): (value: number) => string {
  if (limit !== 0 && (limit < 0.001 || limit >= 100_000)) return (value) => shorter(value.toExponential(1));
  const enough = [100, 10, 0.2, 0.02].findIndex((least) => limit >= least);
  const digits = least > 0 ? Math.min(4, Math.ceil(-Math.log10(least))) : 0;
  const decimals = limit === 0 ? 0 : Math.max(enough < 0 ? 4 : enough, digits);
  return (value) => rounded(value, decimals);
}

/** With so many decimals; what is rounded to nothing has no sign. */
export function rounded(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

function shorter(exponential: string): string {
  const text = exponential.replace(/\.0(?=e)/, "").replace("e+", "e");
  return text === "0e0" || text === "-0e0" ? "0" : text;
}

/** Ends for a scale that has all these numbers in it, with a little room; never one number twice. */
export function domainOf(values: Iterable<number | null>, { room = 0.04 } = {}): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values)
    if (value !== null && Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  if (low > high) return [-1, 1];
  const wide = (high - low || Math.abs(high) || 1) * (high === low ? Math.max(room, 0.5) : room);
  return [low - wide, high + wide];
}

/** The nearest of 1, 2 and 5 times a power of ten, as a ratio. */
export function roundStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted));
  const [step = power] = [1, 2, 5, 10]
    .map((times) => times * power)
    .sort((a, b) => Math.abs(Math.log(a / wanted)) - Math.abs(Math.log(b / wanted)));
  return step;
}

/** A number without what its computing added: 0.30000000000000004 is 0.3. */
export function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/**
 * About so many round numbers between these ends, two at least, since one says nothing of the scale; and how they are written:
 * with the decimals of their distance.
 */
export function ticksOf([low, high]: readonly [number, number], about: number) {
  const firstOf = (step: number) => Math.ceil(low / step - 1e-9);
  const countOf = (step: number) => Math.max(0, Math.floor(high / step + 1e-9) - firstOf(step) + 1);
  const wanted = roundStep((high - low) / about);
  const step = countOf(wanted) < 2 ? roundStep(wanted / 2) : wanted;
  const [first, count] = [firstOf(step), countOf(step)];
  const ticks = Array.from({ length: count }, (_, i) => tidy((first + i) * step));
  const size = Math.max(Math.abs(low), Math.abs(high));
  const tiny = size < 0.001 || size >= 100_000;
  const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const format = (value: number) => (tiny ? shorter(value.toExponential(1)) : rounded(value, decimals));
  return { ticks, format };
}
