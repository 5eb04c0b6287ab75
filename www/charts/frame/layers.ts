// Components of a residual stream by their names: where each stands in a picture by layers.

/** What a component is: of no layer, a head of one, or another part of one. */
export interface Part {
  layer: number | null;
  head: number | null;
  /** "MLP", "b_O"; of no layer its name. */
  kind: string;
}

export function partOf(name: string): Part {
  const [, layer, head] = /^(\d+)\.(\d+)$/.exec(name) ?? [];
  if (layer !== undefined) return { layer: Number(layer), head: Number(head), kind: "" };
  const [, kind, of] = /^(.+)_(\d+)$/.exec(name) ?? [];
  return kind === undefined
    ? { layer: null, head: null, kind: name }
    : { layer: Number(of), head: null, kind };
}

export interface Layers {
  /** What is of no layer, in a row of its own. */
  loose: string[];
  /** Those that have components, in order. */
  layers: number[];
  heads: number;
  /** What else layers write, after the heads. */
  kinds: string[];
  /** Of each component: which row, of which the loose ones are the first, and which column. */
  places: { row: number; column: number }[];
}

export function layersOf(names: readonly string[]): Layers {
  const parts = names.map(partOf);
  const loose = parts.filter(({ layer }) => layer === null).map(({ kind }) => kind);
  const layers = [...new Set(parts.flatMap(({ layer }) => layer ?? []))].sort((a, b) => a - b);
  const heads = parts.reduce((most, { head }) => Math.max(most, (head ?? -1) + 1), 0);
  const kinds = [
    ...new Set(parts.flatMap(({ layer, head, kind }) => (layer === null || head !== null ? [] : kind))),
  ];
  const first = loose.length > 0 ? 1 : 0;
  let placed = 0;
  const places = parts.map(({ layer, head, kind }) => {
    if (layer === null) return { row: 0, column: placed++ };
    return { row: first + layers.indexOf(layer), column: head ?? heads + kinds.indexOf(kind) };
  });
  return { loose, layers, heads, kinds, places };
}
