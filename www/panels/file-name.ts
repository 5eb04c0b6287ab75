/** A model's name as a part of the name of a file. */
export function fileName(model: string): string {
  return (model.split(" (")[0] ?? "")
    .replace(/^https?:\/\//, "")
    .replace(/[^\w.-]+/g, "-")
    .slice(0, 60);
}
