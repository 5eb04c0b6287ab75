export function Share() {
  return <button type="button">Copy link</button>;
}
