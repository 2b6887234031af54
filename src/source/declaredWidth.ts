/** How wide the elements of a list are, by the type in its declaration. */

/**
 * The width in bits that the declaration before a literal gives its elements, or 0.
 * @param start where the literal begins, `end` where it ends
 */
export function declaredBits(text: string, start: number, end: number): number {
  const near = Math.max(0, start - 600);
  const lineStart = near + text.slice(near, start).lastIndexOf('\n') + 1;
  let before = text.slice(Math.max(lineStart, start - 300), start);
  if (before.trim() === '' || /^\s*[=({[]*\s*$/.test(before)) {
    const above = near + text.slice(near, Math.max(near, lineStart - 1)).lastIndexOf('\n') + 1;
    before = text.slice(Math.max(above, lineStart - 300), start);
  }
  // Types of parameters and results are not the array's; a cast directly before it is.
  const declaration = before
    .replace(/\([^()]*\)(?=\s*[^\s{])/g, ' . ')
    .replace(/->\s*[\w:<>&]+/g, ' . ');
  let bits = 0;
  let lastEnd = -1;
  let specific = false;
  for (const { 0: name, index } of declaration.matchAll(elementType)) {
    const sameType = lastEnd >= 0 && declaration.slice(lastEnd, index).trim() === '';
    const general = /^(?:int|unsigned|signed|uint)$/.test(name);
    lastEnd = index + name.length;
    // `unsigned short int`: the more specific word decides.
    if (sameType && specific && general) continue;
    specific = !general;
    bits = widthOf(name) ?? bits;
  }
  if (bits === 0) {
    const after = /^[^\n]{0,20}?(?:dtype\s*=\s*["']?(?:np\.|numpy\.)?(u?int(?:8|16|32|64)))/.exec(
      text.slice(end, end + 60),
    );
    if (after) bits = widthOf(after[1] ?? '') ?? 0;
  }
  return bits;
}

const elementType =
  /(?<![\w$])(?:u?int_?(?:least|fast)?(?:8|16|32|64)(?:_t)?|[ui](?:8|16|32|64)|[csu]?s?byte|char|u?char|BYTE|WORD|DWORD|QWORD|u?short|u?int|unsigned|u?long|gu?int(?:8|16|32|64)|gu?char|Word(?:8|16|32|64)|U?Int(?:8|16|32|64)|Uint(?:8|16|32)(?:Clamped)?Array|Int(?:8|16|32)Array|BigU?[Ii]nt64Array|ULONG(?:64)?|USHORT|UCHAR|UINT(?:8|16|32|64)?|char(?:16|32)_t|__u(?:8|16|32|64)|__le(?:16|32|64)|Cardinal|LongWord|Integer_(?:8|16|32)|Unsigned_(?:8|16|32|64)|U?Byte|U?Short|U?Integer|ULong|u?(?:byte|short|int|long)ArrayOf)(?![\w$])/g;

function widthOf(name: string): number | undefined {
  const plain = name.toLowerCase();
  const digits = /(8|16|32|64)(?:_t|clampedarray|array)?$/.exec(plain);
  if (digits) return Number(digits[1]);
  if (/byte|char/.test(plain)) return 8;
  if (plain === 'qword') return 64;
  if (/dword|longword|cardinal/.test(plain)) return 32;
  if (/short|^word$/.test(plain)) return 16;
  if (/long/.test(plain)) return plain === 'ulong' && name === 'ULONG' ? 32 : 64;
  if (/int|unsigned/.test(plain)) return 32;
  return undefined;
}
