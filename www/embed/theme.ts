// Light or dark whatever the browser prefers, for a host whose page is one of them. A frame of another site is not told which
// that is, so the host says it in the address.

import type { Theme } from "./address.ts";

const DARK = "(prefers-color-scheme: dark)";

export function setTheme(theme: Theme): void {
  document.documentElement.style.colorScheme = theme;
  for (const { cssRules } of document.styleSheets)
    for (const rule of cssRules)
      if (rule instanceof CSSMediaRule && rule.conditionText === DARK)
        rule.media.mediaText = theme === "dark" ? "all" : "not all";
}
