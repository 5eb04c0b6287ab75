// Files that the page saves: a figure must look the same wherever it is opened.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/**
 * Presses the button; answers with the file that the page saves then. By the keyboard, since a figure that is drawn as it
 * comes into view may move what a pointer aims at.
 */
export async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), button.press("Enter")]);
  const bytes = readFileSync(await download.path());
  return { name: download.suggestedFilename(), bytes, text: bytes.toString("utf8") };
}

/** Files are kept in the page, for `filesOfFigures`: after ten downloads Chromium lets no more through. */
export async function keepFiles(context) {
  await context.addInitScript(() => {
    window.kept = [];
    const contents = new Map();
    const { createObjectURL } = URL;
    URL.createObjectURL = (content) => {
      const url = createObjectURL.call(URL, content);
      contents.set(url, content);
      return url;
    };
    HTMLAnchorElement.prototype.click = function () {
      window.kept.push({ name: this.download, content: contents.get(this.href) });
    };
  });
}

/** Presses every button for files of every figure in view: of each figure, its files by kind. */
export async function filesOfFigures(page) {
  const figures = await page.evaluate(async () => {
    const base64 = (content) =>
      new Promise((done) => {
        const reader = new FileReader();
        reader.onload = () => done(reader.result.replace(/^.*,/, ""));
        reader.readAsDataURL(content);
      });
    const press = async (button) => {
      window.kept.length = 0;
      button.click();
      while (window.kept.length === 0) await new Promise(requestAnimationFrame);
      const [{ name, content }] = window.kept;
      return [button.textContent, { name, type: content.type, bytes: await base64(content) }];
    };
    const found = [];
    for (const figure of document.querySelectorAll("main figure")) {
      const files = [];
      for (const button of figure.querySelectorAll('button[aria-label*=" of: "]'))
        files.push(await press(button));
      found.push(Object.fromEntries(files));
    }
    return found;
  });
  for (const file of figures.flatMap(Object.values)) {
    file.bytes = Buffer.from(file.bytes, "base64");
    file.text = file.bytes.toString("utf8");
  }
  return figures;
}

/** What an SVG is where it is opened by itself in a tab: its size, its title, and its texts with the boxes they take. */
export async function openedAlone(tab, { bytes }) {
  await tab.goto(`data:image/svg+xml;base64,${bytes.toString("base64")}`);
  return tab.evaluate(() => {
    const root = document.documentElement;
    const { width, height } = root.viewBox.baseVal;
    const texts = [...root.querySelectorAll("text")].flatMap((it) => {
      const { left, top, right, bottom } = it.getBoundingClientRect();
      return it.textContent.trim() === "" ? [] : [{ text: it.textContent, left, top, right, bottom }];
    });
    return { name: root.nodeName, width, height, title: root.querySelector("title").textContent, texts };
  });
}

/** Nothing of the page's own is left in this SVG, neither style nor use. */
export function assertStandsAlone(text) {
  const own = /var\(|currentColor|<style|\s(style|class|role|tabindex|aria-\w+|href)=|system-ui|url\(/.exec(
    text,
  );
  // Without the whole file in the message.
  assert.equal(own?.[0], undefined);
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
