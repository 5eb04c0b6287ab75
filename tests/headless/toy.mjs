// The model that the command carries, by its card.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const CARD = JSON.parse(readFileSync(join(ROOT, "www/public/models/ioi-mini/card.json"), "utf8"));
/** The layer and head that it is asked about. */
export const [LAYER, HEAD] = CARD.default_head;
