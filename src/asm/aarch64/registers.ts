/** The registers of AArch64, each with its class in the type (Arm ARM, B1.2.1 and C1.2.5). */

/** How a SIMD register is cut into elements: 16 bytes are `16b`, the low two doublewords of 32 bits `2s`. */
export type Arrangement = '8b' | '16b' | '4h' | '8h' | '2s' | '4s' | '2d';

/** What a register can stand for. ZR and SP share the number 31, and no operand takes both. */
export type RegisterClass =
  'X' | 'W' | 'XZR' | 'WZR' | 'SP' | 'WSP' | 'B' | 'H' | 'S' | 'D' | 'Q' | `V.${Arrangement}`;

/** A register; `number` is what the encoding holds (0 to 31). */
export interface Register<Class extends RegisterClass = RegisterClass> {
  readonly kind: 'register';
  readonly class: Class;
  readonly name: string;
  readonly number: number;
}

// prettier-ignore
type Number32 = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19 | 20
  | 21 | 22 | 23 | 24 | 25 | 26 | 27 | 28 | 29 | 30 | 31;

function register<Class extends RegisterClass>(
  registerClass: Class,
  name: string,
  number: number,
): Register<Class> {
  return { kind: 'register', class: registerClass, name, number };
}

function numbered<Prefix extends string, Member>(
  prefix: Prefix,
  make: (name: string, number: number) => Member,
): { readonly [N in `${Prefix}${Number32}`]: Member } {
  const entries = Array.from({ length: 32 }, (_, number): [string, Member] => {
    const name = prefix + number;
    return [name, make(name, number)];
  });
  // Object.fromEntries widens the keys to string; they are the prefix with 0 to 31.
  return Object.fromEntries(entries) as { readonly [N in `${Prefix}${Number32}`]: Member };
}

function family<Class extends RegisterClass, Prefix extends string>(
  registerClass: Class,
  prefix: Prefix,
): { readonly [N in `${Prefix}${Number32}`]: Register<Class> } {
  return numbered(prefix, (name, number) => register(registerClass, name, number));
}

/** A SIMD register by its arrangements: `v0.s4` is what the manual writes V0.4S. */
export interface VectorRegister {
  readonly b8: Register<'V.8b'>;
  readonly b16: Register<'V.16b'>;
  readonly h4: Register<'V.4h'>;
  readonly h8: Register<'V.8h'>;
  readonly s2: Register<'V.2s'>;
  readonly s4: Register<'V.4s'>;
  readonly d2: Register<'V.2d'>;
}

function vector(name: string, number: number): VectorRegister {
  const as = <A extends Arrangement>(arrangement: A): Register<`V.${A}`> =>
    register(`V.${arrangement}`, `${name}.${arrangement}`, number);
  return {
    b8: as('8b'),
    b16: as('16b'),
    h4: as('4h'),
    h8: as('8h'),
    s2: as('2s'),
    s4: as('4s'),
    d2: as('2d'),
  };
}

const ZERO_OR_STACK = 31;

const xFamily = family('X', 'x');
const qFamily = family('Q', 'q');

/** x0 to x30 and q0 to q31 by number, for code that goes through them all. */
export const generalRegisters: readonly Register<'X'>[] = Object.values(xFamily).slice(0, -1);
export const vectorRegisters: readonly Register<'Q'>[] = Object.values(qFamily);

export const xzr = register('XZR', 'xzr', ZERO_OR_STACK);
export const wzr = register('WZR', 'wzr', ZERO_OR_STACK);
export const sp = register('SP', 'sp', ZERO_OR_STACK);
export const wsp = register('WSP', 'wsp', ZERO_OR_STACK);

// prettier-ignore
export const {
  x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, x17, x18, x19, x20, x21, x22, x23,
  x24, x25, x26, x27, x28, x29, x30,
} = xFamily;
/** The frame pointer and the link register. */
export const { x29: fp, x30: lr } = xFamily;

// prettier-ignore
export const {
  w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16, w17, w18, w19, w20, w21, w22, w23,
  w24, w25, w26, w27, w28, w29, w30,
} = family('W', 'w');
// prettier-ignore
export const {
  b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16, b17, b18, b19, b20, b21, b22, b23,
  b24, b25, b26, b27, b28, b29, b30, b31,
} = family('B', 'b');
// prettier-ignore
export const {
  h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, h10, h11, h12, h13, h14, h15, h16, h17, h18, h19, h20, h21, h22, h23,
  h24, h25, h26, h27, h28, h29, h30, h31,
} = family('H', 'h');
// prettier-ignore
export const {
  s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15, s16, s17, s18, s19, s20, s21, s22, s23,
  s24, s25, s26, s27, s28, s29, s30, s31,
} = family('S', 's');
// prettier-ignore
export const {
  d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, d10, d11, d12, d13, d14, d15, d16, d17, d18, d19, d20, d21, d22, d23,
  d24, d25, d26, d27, d28, d29, d30, d31,
} = family('D', 'd');
// prettier-ignore
export const {
  q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q11, q12, q13, q14, q15, q16, q17, q18, q19, q20, q21, q22, q23,
  q24, q25, q26, q27, q28, q29, q30, q31,
} = qFamily;
// prettier-ignore
export const {
  v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18, v19, v20, v21, v22, v23,
  v24, v25, v26, v27, v28, v29, v30, v31,
} = numbered('v', vector);
