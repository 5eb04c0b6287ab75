// Heads as they are written in a field, with commas between: "9.9@END, 5.5@S2+END" or "9.9.q, 9.6.k".

export function entriesOf(text: string): string[] {
  return text
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);
}

export const written = (entries: readonly string[]): string => entries.join(", ");

/** Whether an entry is of a head. */
export function isOf(entry: string, layer: number, head: number): boolean {
  const [, ownLayer, ownHead] = /^(\d+)\.(\d+)(?![\d])/.exec(entry) ?? [];
  return Number(ownLayer) === layer && Number(ownHead) === head;
}

/** Without a head's entries; with this one, where it had none. */
export function withHead(text: string, layer: number, head: number, at: string): string {
  const all = entriesOf(text);
  const left = all.filter((entry) => !isOf(entry, layer, head));
  return written(left.length < all.length ? left : [...all, `${layer}.${head}@${at}`]);
}

/** Without what reads, where it does already; else with it. The logits read alone, and where nothing else does. */
export function withReceiver(text: string, receiver: string): string {
  const all = entriesOf(text).filter((entry) => entry !== "logits");
  const left = all.filter((entry) => entry !== receiver);
  return written(left.length < all.length ? left : [...all, receiver]) || "logits";
}
