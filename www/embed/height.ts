// Tells the page around a frame how high its figure is. Whoever frames the page may hear it: it says nothing of what is
// computed, on which prompts or for whom, so it is addressed to any origin. Nothing is listened to.

/** What a host reads. Other pages' messages have other types. */
export interface HeightMessage {
  type: "patchbay-height";
  /** In pixels. */
  height: number;
}

export function tellHeight(of: HTMLElement, host: Pick<Window, "postMessage"> = parent): void {
  let told = 0;
  const tell = () => {
    const height = Math.ceil(of.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    host.postMessage({ type: "patchbay-height", height } satisfies HeightMessage, "*");
  };
  new ResizeObserver(tell).observe(of);
  tell();
}
