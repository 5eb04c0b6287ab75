// The questions, in the order of their tabs.

import type { Panel } from "../store/panel.ts";
import { ATTENTION } from "./attention/index.tsx";
import { CIRCUIT } from "./circuit/index.tsx";
import { MATTERS } from "./matters/index.tsx";
import { PLACE } from "./place/index.tsx";
import { PROMPTS } from "./prompts/index.tsx";
import { REPRODUCE } from "./reproduce/index.tsx";
import { RUNS } from "./runs/index.tsx";
import { WHY } from "./why/index.tsx";
import { WRITES } from "./writes/index.tsx";

export const PANELS: readonly Panel[] = [
  PLACE,
  MATTERS,
  WRITES,
  ATTENTION,
  WHY,
  CIRCUIT,
  PROMPTS,
  RUNS,
  REPRODUCE,
];
