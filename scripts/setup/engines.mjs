// The other engines in which the page is tested. What of them is missing leaves out a step of `npm test`, and stops nothing.
import { findFirefox, findLavapipe, findWebkit } from "../lib/engines/find.mjs";
import { aptInstall, distribution } from "./apt.mjs";

export const ENGINES = {
  firefox: {
    // Ubuntu's package is a stub that asks for a snap, which nothing here can drive.
    packages: distribution() === "ubuntu" ? [] : ["firefox-esr"],
    missing: async () => ((await findFirefox()) === null ? "no Firefox that starts" : null),
    howTo:
      "Debian: apt-get install firefox-esr. Elsewhere: https://www.mozilla.org/firefox, and its path in FIREFOX_BIN.",
  },
  lavapipe: {
    packages: ["mesa-vulkan-drivers"],
    missing: async () => (findLavapipe() === null ? "no Vulkan driver in software (Mesa's lavapipe)" : null),
    howTo: "Debian, Ubuntu: apt-get install mesa-vulkan-drivers.",
  },
  webkit: {
    // The first has the browser.
    packages: ["libwebkit2gtk-4.1-0", "webkit2gtk-driver", "xvfb"],
    missing: async () => listed(findWebkit().missing),
    howTo:
      "Debian, Ubuntu: apt-get install libwebkit2gtk-4.1-0 webkit2gtk-driver xvfb. Elsewhere than on Linux there is none.",
  },
};

const listed = (missing) => (missing ? `no ${missing.join(", no ")}` : null);

/** Gets those that are missing and that the system's package manager can get. */
export async function otherEngines(names) {
  for (const name of names) {
    const { packages, missing } = ENGINES[name];
    if (packages.length > 0 && (await missing()) !== null) await aptInstall(...packages);
  }
}

/** What is missing of an engine and how to get it, or null. */
export async function lackOf(name) {
  const { missing, howTo } = ENGINES[name];
  const what = await missing();
  return what === null ? null : `${what}. ${howTo}`;
}
