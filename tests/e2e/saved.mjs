// Files that the page saves: a figure must look the same wherever it is opened.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** Presses the button; answers with the file that the page saves then. */
export async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  const bytes = readFileSync(await download.path());
  return { name: download.suggestedFilename(), bytes, text: bytes.toString("utf8") };
}

/** Nothing of the page's own is left in this SVG, neither style nor use. Answers with its width and height. */
export async function assertStandsAlone(page, text) {
  const own = /var\(|currentColor|<style|\sstyle=|\sclass="here|tabindex|system-ui|href=|url\(/.exec(text);
  // Without the whole file in the message.
  assert.equal(own?.[0], undefined);
  const size = await page.evaluate((text) => {
    const { documentElement: root } = new DOMParser().parseFromString(text, "image/svg+xml");
    return root.nodeName === "svg"
      ? [root.getAttribute("width"), root.getAttribute("height")].map(Number)
      : null;
  }, text);
  assert.ok(size, "it is no SVG");
  return size;
}

/** Of a PNG: its size, its first pixel, and how many are dark and how many are coloured. */
export function pixels(page, bytes) {
  return page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
    let [dark, coloured] = [0, 0];
    for (let i = 0; i < data.length; i += 4) {
      const channels = [data[i], data[i + 1], data[i + 2]];
      if (Math.max(...channels) < 128) dark += 1;
      if (Math.max(...channels) - Math.min(...channels) > 40) coloured += 1;
    }
    return { width, height, corner: [...data.slice(0, 4)], dark, coloured };
  }, bytes.toString("base64"));
}

/** The labelled or plain shapes of an SVG: name, attributes, text. */
export function shapesIn(page, text, selector) {
  return page.evaluate(
    ([text, selector]) => {
      const { documentElement: root } = new DOMParser().parseFromString(text, "image/svg+xml");
      return [...root.querySelectorAll(selector)].map((it) => ({
        text: it.textContent,
        ...Object.fromEntries([...it.attributes].map(({ name, value }) => [name, value])),
      }));
    },
    [text, selector],
  );
}
