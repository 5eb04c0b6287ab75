export function Sentence() {
  return null;
}
