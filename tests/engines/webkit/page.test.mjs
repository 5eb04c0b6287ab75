import { openWebkit } from "../../../scripts/lib/engines/webkit.mjs";
import { checkPage } from "../checks.mjs";

checkPage(openWebkit, { keepsModels: "WebKitGTK has no storage for large files" });
