// Numbers in charts. The minus sign is the keyboard's, as everywhere: figures are copied into code.

/** Numbers of one scale, all with as many decimals as its end needs for two digits or three: "-0.48", "12.3". */
export function formatter(limit: number): (value: number) => string {
  if (limit !== 0 && (limit < 0.001 || limit >= 100_000)) return (value) => shorter(value.toExponential(1));
  const enough = [100, 10, 0.2, 0.02].findIndex((least) => limit >= least);
  const decimals = limit === 0 ? 0 : enough < 0 ? 4 : enough;
  return (value) => {
    const text = value.toFixed(decimals);
    // Rounded to nothing, it has no sign.
    return Number(text) === 0 ? text.replace("-", "") : text;
  };
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
