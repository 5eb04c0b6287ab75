// One figure of a link and nothing else, for a frame in somebody's own page: `?embed`.

import { render } from "preact";
import { messageOf } from "../door/errors.ts";
import { readFigure, type StoredFigure } from "../store/link/figure.ts";
import { readAddress } from "./address.ts";
import { Frame } from "./frame.tsx";
import { tellHeight } from "./height.ts";
import { setTheme } from "./theme.ts";
import "./embed.css";

export async function openFrame(root: HTMLElement): Promise<void> {
  const address = readAddress(location);
  if (address.theme !== null) setTheme(address.theme);
  root.classList.add("framed");
  let [stored, unread]: [StoredFigure | null, string] = [null, ""];
  try {
    if (address.packed !== null) stored = await readFigure(address.packed);
  } catch (error) {
    unread = messageOf(error);
  }
  render(<Frame address={address} stored={stored} unread={unread} />, root);
  if (parent !== window) tellHeight(root);
}
