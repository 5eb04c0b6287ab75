// Cells that are too many for elements of their own: a pixel of a canvas each.

/** `strength`: of each pixel, row by row, from -1 to 1. `style`: has the page's colours as they are now. */
export function paint(
  canvas: HTMLCanvasElement,
  style: CSSStyleDeclaration,
  strength: (i: number) => number,
): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const [plus, minus] = ["--plus", "--minus"].map((name) => channels(style.getPropertyValue(name)));
  const image = context.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < canvas.width * canvas.height; i += 1) {
    const own = strength(i);
    const [red = 0, green = 0, blue = 0] = (own < 0 ? minus : plus) ?? [];
    image.data[i * 4] = red;
    image.data[i * 4 + 1] = green;
    image.data[i * 4 + 2] = blue;
    image.data[i * 4 + 3] = Math.round(Math.abs(own) * 255);
  }
  context.putImageData(image, 0, 0);
}

/** Of "#rrggbb". */
function channels(colour: string): [number, number, number] {
  const number = Number.parseInt(colour.trim().slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}
