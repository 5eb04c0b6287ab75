// The larger GPT-2s of the hub. Nothing of them is pinned: their sizes are told so that nobody begins a download without knowing.

import { HUB_ID, plainId, URL_PREFIX } from "../../door/sources.ts";

export interface Larger {
  id: string;
  name: string;
  n_layer: number;
  n_head: number;
  /** What is downloaded: the weights in float32, and masks of 4 MB a layer. */
  size: string;
  /** What the weights take in memory. */
  memory: string;
}

const of = (suffix: string, rest: Omit<Larger, "id">): Larger => ({
  id: plainId(`${URL_PREFIX}${HUB_ID}-${suffix}`),
  ...rest,
});

export const LARGER: readonly Larger[] = [
  of("medium", { name: "GPT-2 medium", n_layer: 24, n_head: 16, size: "about 1.5 GB", memory: "1.4 GB" }),
  of("large", { name: "GPT-2 large", n_layer: 36, n_head: 20, size: "about 3.2 GB", memory: "3.1 GB" }),
];

export const largerOf = (id: string): Larger | undefined => LARGER.find((it) => it.id === id);
