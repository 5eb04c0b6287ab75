// The HTML that shows a figure in somebody's own page: a frame, and the few lines that make it as high as the figure is.

/** In pixels, until the frame has said how high its figure is; or for good, where a page allows no script. */
const HEIGHT = 460;

/** `address`: of the figure; `title`: what it is called to those who hear it. */
export function snippet({ href, origin }: URL, title: string): string {
  return `<iframe src="${attribute(href)}" title="${attribute(title)}" loading="lazy" style="width: 100%; height: ${HEIGHT}px; border: 0"></iframe>
<script>
addEventListener("message", ({ origin, source, data }) => {
  if (origin !== ${JSON.stringify(origin)} || data?.type !== "patchbay-height") return;
  for (const frame of document.querySelectorAll("iframe"))
    if (frame.contentWindow === source) frame.style.height = data.height + "px";
});
</script>
`;
}

function attribute(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
