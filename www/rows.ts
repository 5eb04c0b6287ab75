// A run's rows as columns of numbers. So they go from the worker to the page without being copied: as objects, those of
// 10 000 prompts in every control would hold the page up for half a second.

import type { Row } from "../pkg/cpu/patchbay.js";

export interface RowColumns {
  /** The texts that occur, which three of the columns count in. */
  texts: readonly string[];
  experiment: Uint32Array<ArrayBuffer>;
  condition: Uint32Array<ArrayBuffer>;
  position: Uint32Array<ArrayBuffer>;
  prompt: Uint32Array<ArrayBuffer>;
  layer: Uint32Array<ArrayBuffer>;
  head: Uint32Array<ArrayBuffer>;
  value: Float64Array<ArrayBuffer>;
}

export function columnsOf(rows: readonly Row[]): RowColumns {
  const texts = new Map<string, number>();
  const number = (text: string) => {
    const known = texts.get(text) ?? texts.size;
    texts.set(text, known);
    return known;
  };
  const integers = (of: (row: Row) => number) => Uint32Array.from(rows, of);
  const columns = {
    experiment: integers((row) => number(row.experiment)),
    condition: integers((row) => number(row.condition)),
    position: integers((row) => number(row.position)),
    prompt: integers((row) => row.prompt),
    layer: integers((row) => row.layer),
    head: integers((row) => row.head),
    value: Float64Array.from(rows, (row) => row.value),
  };
  return { texts: [...texts.keys()], ...columns };
}

/** What changes hands when they are sent. */
export function buffersOf({ texts: _, ...columns }: RowColumns): ArrayBuffer[] {
  return Object.values(columns).map(({ buffer }) => buffer);
}

export function rowCount({ value }: RowColumns): number {
  return value.length;
}

/** Row by row again; each is made when it is asked for. */
export function* rowsOf(columns: RowColumns): Generator<Row> {
  const number = (column: ArrayLike<number>, i: number) => column[i] ?? Number.NaN;
  const text = (column: ArrayLike<number>, i: number) => columns.texts[number(column, i)] ?? "";
  for (let i = 0; i < rowCount(columns); i += 1) {
    yield {
      experiment: text(columns.experiment, i),
      condition: text(columns.condition, i),
      prompt: number(columns.prompt, i),
      layer: number(columns.layer, i),
      head: number(columns.head, i),
      position: text(columns.position, i) as Row["position"],
      value: number(columns.value, i),
    };
  }
}
