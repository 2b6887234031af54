/** Keeps what files say from being taken for commands by a terminal. */

/** C0 and C1 control characters, line separators, and characters that turn the direction of text around. */
const controls = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text in one line with every control character written out, such as `\x1b` or `\u202e`. */
export function escapeControls(text: string): string {
  return text.replace(controls, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

/** JSON that is plain for a terminal too: also what JSON permits as it is, such as C1 controls, is written out. */
export function escapeJson(json: string): string {
  return json.replace(controls, (character) => `\\u${hex(character.charCodeAt(0), 4)}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
