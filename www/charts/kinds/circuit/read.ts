// What a circuit's drawing is made of: nodes and paths, by the labels of a frame's two axes.

import { visible } from "../../../text/plain-text.ts";
import { at, type Column, endsOf, type Figure, innerAxes } from "../../frame/frame.ts";

export interface Node {
  /** As the axis of senders has it: "9.9@END"; or what reads at the end. */
  label: string;
  /** In the box: "9.9". */
  name: string;
  /** What it is known to do; may be empty. */
  kind: string;
  /** Null of what reads at the end. */
  layer: number | null;
  column: number;
}

export interface Path {
  from: number;
  to: number;
  /** "q", "k", "v"; "" of what reads at the end. */
  port: string;
  value: number;
  /** Its place among the column's values. */
  index: number;
  /** Its interval spans 0. */
  unsure: boolean;
}

/** Nodes and paths by the labels of both axes. */
export function read({ frame, groups }: Figure, column: Column) {
  const [receivers, senders] = innerAxes(frame);
  const group = (name: string) => groups.find((group) => group.name === name);
  const [roles, classes] = [group("role"), group("class")];
  const columns = (roles?.labels ?? [""]).map(visible);
  const nodes = senders.labels.map((label, i): Node => {
    const [, layer = "0", head] = /^(\d+)\.(\d+)@/.exec(label) ?? [];
    const kind = classes?.labels[classes.of[i] ?? -1] ?? "";
    const place = Math.min(columns.length - 1, roles?.of[i] ?? 0);
    const name = head === undefined ? label : `${layer}.${head}`;
    return { label, name: visible(name), kind: visible(kind), layer: Number(layer), column: place };
  });
  const ends = endsOf(frame, column);
  const paths: Path[] = [];
  for (const [row, label] of receivers.labels.entries()) {
    const [, head, port = "", where] = /^(\d+\.\d+)\.([qkv])@(.+)$/.exec(label) ?? [];
    let to = nodes.findIndex((node) => node.label === `${head}@${where}`);
    if (to < 0)
      to = nodes.push({ label, name: visible(label), kind: "", layer: null, column: columns.length - 1 }) - 1;
    for (const from of senders.labels.keys()) {
      const index = row * senders.labels.length + from;
      const value = at(column, index);
      if (value === null) continue;
      const [low, high] = ends ? [at(ends.low, index), at(ends.high, index)] : [null, null];
      const unsure = low !== null && high !== null && low <= 0 && high >= 0;
      paths.push({ from, to, port: nodes[to]?.layer === null ? "" : port, value, index, unsure });
    }
  }
  return { nodes, paths, columns };
}
