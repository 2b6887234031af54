/** The names of types in both spellings, as suggestions. */
import { formatType, type Type } from '../model/signature.ts';
import { CommentText, Cursor, ReadError } from '../source/cursor.ts';
import { readSignature, type DataModel } from '../source/signature.ts';
import type { Suggestion } from './annotationHelp.ts';

/** `name: i64`, or `long name`. */
export type Spelling = 'rust' | 'c';

const rust = (
  'i64|u64|i32|u32|i16|u16|i8|u8|isize|usize|bool|f64|f32|*const u8|*mut u8|*const i32|*mut i32|' +
  '*const i64|*mut i64|*const f64|*mut f64|&[u8]|&mut [u8]|ptr|str|&CStr|' +
  'f32x4|f64x2|i8x16|i16x8|i32x4|i64x2|u8x16|u16x8|u32x4|u64x2'
).split('|');

const prototype = (
  'long|int|unsigned int|unsigned long|long long|unsigned long long|char|short|double|float|bool|' +
  'size_t|int64_t|uint64_t|int32_t|uint32_t|int16_t|uint16_t|int8_t|uint8_t|' +
  'const char *|const uint8_t *|uint8_t *|const int *|int *|const double *|double *|' +
  'const void *|void *|__m128|__m128d|__m128i'
).split('|');

/** The types that may stand in a signature; `void` only as a result. */
export function typeNames(
  spelling: Spelling,
  model: DataModel,
  isResult: boolean,
): readonly Suggestion[] {
  const names = spelling === 'rust' ? rust : prototype;
  const made = names.map((name): Suggestion => {
    const type = typeOf(name, model);
    const own = type && formatType(type);
    const plain = { kind: 'type', label: name, snippet: name } as const;
    return own === undefined || own === name ? plain : { ...plain, detail: own };
  });
  return isResult ? [...made, { kind: 'type', label: 'void', snippet: 'void' }] : made;
}

/** What a name means under a data model. */
function typeOf(name: string, model: DataModel): Type | undefined {
  const text = new CommentText([{ text: `(${name})`, source: 0 }]);
  try {
    const cursor = new Cursor(text, 0, text.text.length, 'bad-signature');
    return readSignature(cursor, model).parameters[0]?.type;
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return undefined;
  }
}
