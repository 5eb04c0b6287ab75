import { openFirefox } from "../../../scripts/lib/engines/firefox.mjs";
import { checkPage } from "../checks.mjs";

checkPage(openFirefox, { keepsModels: true });
