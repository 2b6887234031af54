/** Names that stand as operands: conditions, system registers, cache operations, barriers. */

/** The conditions by their encoding (Arm ARM, C1.2.4). */
export const conditions = {
  eq: 0,
  ne: 1,
  cs: 2,
  hs: 2,
  cc: 3,
  lo: 3,
  mi: 4,
  pl: 5,
  vs: 6,
  vc: 7,
  hi: 8,
  ls: 9,
  ge: 10,
  lt: 11,
  gt: 12,
  le: 13,
  al: 14,
  nv: 15,
} as const;
export type Condition = keyof typeof conditions;

/** op0<0>, op1, CRn, CRm and op2 as `mrs` and `msr` hold them. */
function systemRegister(op0: 2 | 3, op1: number, crn: number, crm: number, op2: number): number {
  return ((op0 & 1) << 14) | (op1 << 11) | (crn << 7) | (crm << 3) | op2;
}

/** System registers that user code can reach (Arm ARM, D17.1 and the registers' own pages). */
export const systemRegisters = {
  nzcv: systemRegister(3, 3, 4, 2, 0),
  fpcr: systemRegister(3, 3, 4, 4, 0),
  fpsr: systemRegister(3, 3, 4, 4, 1),
  tpidr_el0: systemRegister(3, 3, 13, 0, 2),
  tpidrro_el0: systemRegister(3, 3, 13, 0, 3),
  ctr_el0: systemRegister(3, 3, 0, 0, 1),
  dczid_el0: systemRegister(3, 3, 0, 0, 7),
  cntfrq_el0: systemRegister(3, 3, 14, 0, 0),
  cntvct_el0: systemRegister(3, 3, 14, 0, 2),
} as const;
export type SystemRegister = keyof typeof systemRegisters;
/** The system registers that user code can write. */
export type WritableSystemRegister = 'nzcv' | 'fpcr' | 'fpsr' | 'tpidr_el0';

/** op1, CRn, CRm and op2 as `sys` holds them. */
function systemOperation(op1: number, crn: number, crm: number, op2: number): number {
  return (op1 << 11) | (crn << 7) | (crm << 3) | op2;
}

/** Data cache operations by address that user code can be let do (Arm ARM, C5.3). */
export const dataCacheOperations = {
  zva: systemOperation(3, 7, 4, 1),
  cvac: systemOperation(3, 7, 10, 1),
  cvau: systemOperation(3, 7, 11, 1),
  civac: systemOperation(3, 7, 14, 1),
} as const;
export type DataCacheOperation = keyof typeof dataCacheOperations;

/** Instruction cache operations by address that user code can be let do. */
export const instructionCacheOperations = { ivau: systemOperation(3, 7, 5, 1) } as const;
export type InstructionCacheOperation = keyof typeof instructionCacheOperations;

/** What a barrier waits for, as CRm (Arm ARM, DMB and DSB). */
export const barriers = {
  oshld: 1,
  oshst: 2,
  osh: 3,
  nshld: 5,
  nshst: 6,
  nsh: 7,
  ishld: 9,
  ishst: 10,
  ish: 11,
  ld: 13,
  st: 14,
  sy: 15,
} as const;
export type Barrier = keyof typeof barriers;
