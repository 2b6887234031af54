/** The registers of x86-64, each with its class and its number in the type (Intel SDM vol. 1, 3.4). */

/** What a register can stand for in a form's operand: the class's name in the manuals' notation. */
export type RegisterClass =
  'r8' | 'r16' | 'r32' | 'r64' | 'xmm' | 'ymm' | 'Sreg' | 'CR' | 'DR' | 'ST';

/** A register; `number` is what the encoding holds (0 to 15). */
export interface Register<
  Class extends RegisterClass = RegisterClass,
  Name extends string = string,
> {
  readonly kind: 'register';
  readonly class: Class;
  readonly name: Name;
  readonly number: number;
  /** How a REX prefix bears on a byte register: ah…bh cannot be with one, spl…dil cannot be without. */
  readonly rex?: 'never' | 'always';
}

type Family<Class extends RegisterClass, Name extends string> = {
  readonly [N in Name]: Register<Class, N>;
};

function family<const Class extends RegisterClass, const Name extends string>(
  registerClass: Class,
  names: readonly Name[],
  firstNumber = 0,
  rex?: 'never' | 'always',
): Family<Class, Name> {
  const entries = names.map((name, index): [Name, Register<Class, Name>] => [
    name,
    {
      kind: 'register',
      class: registerClass,
      name,
      number: firstNumber + index,
      ...(rex === undefined ? {} : { rex }),
    },
  ]);
  // Object.fromEntries widens the keys to string; they are exactly `names`.
  return Object.fromEntries(entries) as unknown as Family<Class, Name>;
}

export const { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15 } =
  family('r64', [
    'rax',
    'rcx',
    'rdx',
    'rbx',
    'rsp',
    'rbp',
    'rsi',
    'rdi',
    'r8',
    'r9',
    'r10',
    'r11',
    'r12',
    'r13',
    'r14',
    'r15',
  ]);
export const {
  eax,
  ecx,
  edx,
  ebx,
  esp,
  ebp,
  esi,
  edi,
  r8d,
  r9d,
  r10d,
  r11d,
  r12d,
  r13d,
  r14d,
  r15d,
} = family('r32', [
  'eax',
  'ecx',
  'edx',
  'ebx',
  'esp',
  'ebp',
  'esi',
  'edi',
  'r8d',
  'r9d',
  'r10d',
  'r11d',
  'r12d',
  'r13d',
  'r14d',
  'r15d',
]);
export const { ax, cx, dx, bx, sp, bp, si, di, r8w, r9w, r10w, r11w, r12w, r13w, r14w, r15w } =
  family('r16', [
    'ax',
    'cx',
    'dx',
    'bx',
    'sp',
    'bp',
    'si',
    'di',
    'r8w',
    'r9w',
    'r10w',
    'r11w',
    'r12w',
    'r13w',
    'r14w',
    'r15w',
  ]);
export const { al, cl, dl, bl } = family('r8', ['al', 'cl', 'dl', 'bl']);
export const { spl, bpl, sil, dil } = family('r8', ['spl', 'bpl', 'sil', 'dil'], 4, 'always');
export const { r8b, r9b, r10b, r11b, r12b, r13b, r14b, r15b } = family(
  'r8',
  ['r8b', 'r9b', 'r10b', 'r11b', 'r12b', 'r13b', 'r14b', 'r15b'],
  8,
);
export const { ah, ch, dh, bh } = family('r8', ['ah', 'ch', 'dh', 'bh'], 4, 'never');
export const { es, cs, ss, ds, fs, gs } = family('Sreg', ['es', 'cs', 'ss', 'ds', 'fs', 'gs']);
export const {
  xmm0,
  xmm1,
  xmm2,
  xmm3,
  xmm4,
  xmm5,
  xmm6,
  xmm7,
  xmm8,
  xmm9,
  xmm10,
  xmm11,
  xmm12,
  xmm13,
  xmm14,
  xmm15,
} = family('xmm', [
  'xmm0',
  'xmm1',
  'xmm2',
  'xmm3',
  'xmm4',
  'xmm5',
  'xmm6',
  'xmm7',
  'xmm8',
  'xmm9',
  'xmm10',
  'xmm11',
  'xmm12',
  'xmm13',
  'xmm14',
  'xmm15',
]);
export const {
  ymm0,
  ymm1,
  ymm2,
  ymm3,
  ymm4,
  ymm5,
  ymm6,
  ymm7,
  ymm8,
  ymm9,
  ymm10,
  ymm11,
  ymm12,
  ymm13,
  ymm14,
  ymm15,
} = family('ymm', [
  'ymm0',
  'ymm1',
  'ymm2',
  'ymm3',
  'ymm4',
  'ymm5',
  'ymm6',
  'ymm7',
  'ymm8',
  'ymm9',
  'ymm10',
  'ymm11',
  'ymm12',
  'ymm13',
  'ymm14',
  'ymm15',
]);
export const { cr0, cr1, cr2, cr3, cr4, cr5, cr6, cr7, cr8 } = family('CR', [
  'cr0',
  'cr1',
  'cr2',
  'cr3',
  'cr4',
  'cr5',
  'cr6',
  'cr7',
  'cr8',
]);
export const { dr0, dr1, dr2, dr3, dr4, dr5, dr6, dr7 } = family('DR', [
  'dr0',
  'dr1',
  'dr2',
  'dr3',
  'dr4',
  'dr5',
  'dr6',
  'dr7',
]);
export const { st0, st1, st2, st3, st4, st5, st6, st7 } = family('ST', [
  'st0',
  'st1',
  'st2',
  'st3',
  'st4',
  'st5',
  'st6',
  'st7',
]);
