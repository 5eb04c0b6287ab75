// Text from anybody, as it may be shown: characters that cannot be seen, that turn the writing direction around, or that are
// half of one are written out, so that no text looks like another.

/** All but those that a message may have: controls, marks of direction, and halves, which no encoding has. */
const UNSEEN = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** What a text that is to be read by a model may not have. A tab is a blank; U+FFFD stands where a text was damaged. */
const UNREADABLE = /(?!\t)[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\ufffd]/u;

/** `\u{202e}` for what cannot be seen. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${codeOf(character).toString(16)}}`);
}

/** The first character that makes the text no plain text, in words; null where there is none. */
export function unreadable(text: string): string | null {
  const character = UNREADABLE.exec(text)?.[0];
  if (character === undefined) return null;
  const code = codeOf(character);
  const name = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  if (code >= 0xd800 && code <= 0xdfff) return `half of a character (${name})`;
  if (code === 0xfffd) return `a damaged character (${name})`;
  return code < 0xa0 ? `a control character (${name})` : `a mark that turns the writing direction (${name})`;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
