// A frame as a table: a column for each axis, with its labels, and one for each column of numbers.

import { small } from "../text/format.ts";
import { visible } from "../text/plain-text.ts";
import { DataTable } from "../ui/tables/data-table.tsx";
import { at, type Frame, words } from "./frame/frame.ts";
import { titleOf } from "./frame/said.ts";

export function FigureTable({ title, frame }: { title: string; frame: Frame }) {
  const { axes, columns } = frame;
  const count = axes.reduce((product, { labels }) => product * labels.length, 1);
  const row = (i: number) => {
    let rest = i;
    const labels = axes.toReversed().map(({ labels }) => {
      const label = labels[rest % labels.length] ?? "";
      rest = Math.floor(rest / labels.length);
      return visible(label);
    });
    const cells = columns.map((column) => {
      const value = at(column, i);
      return value === null ? "–" : small(value);
    });
    return [...labels.reverse(), ...cells];
  };
  const header = [...axes.map(({ name }) => words(name)), ...columns.map(titleOf)];
  return <DataTable caption={title} header={header} heads={axes.length} count={count} row={row} />;
}
