/** Control characters (C0, DEL, C1), separators of lines and paragraphs, and characters that change the direction of writing. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Returns text for one line of a terminal: characters that a terminal interprets are written as `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(controls, (character) => `\\u{${hexOf(character)}}`);
}

/** Returns compact JSON for one line of a terminal; a JSON parser reads the same value. */
export function printableJson(json: string): string {
  return json.replace(controls, (character) => `\\u${hexOf(character).padStart(4, '0')}`);
}

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16);
}
