// Whether the page is dark, for what is drawn with colours of the moment.

import { useEffect, useState } from "preact/hooks";

export function useDark(): boolean {
  const [query] = useState(() => matchMedia("(prefers-color-scheme: dark)"));
  const [dark, setDark] = useState(query.matches);
  useEffect(() => {
    const change = () => setDark(query.matches);
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, [query]);
  // Set where the page is one way whatever the browser prefers: embed/theme.ts.
  const { colorScheme } = document.documentElement.style;
  return colorScheme === "" ? dark : colorScheme === "dark";
}
