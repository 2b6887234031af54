/** The parts of @defasm/core 2.4.5 that are used (its compiler.js, statement.js, symbols.js, sections.js). */
declare module '@defasm/core' {
  /** In UTF-16 code units of the source. */
  export interface DefasmRange {
    readonly start: number;
    readonly end: number;
  }

  export interface DefasmSection {
    readonly name: string;
  }

  export interface DefasmStatement {
    readonly range: DefasmRange;
    readonly bytes: Uint8Array;
    /** Of {@link bytes}, so many count. */
    readonly length: number;
    /** From the start of its section, in bytes. */
    readonly address: number;
    readonly section: DefasmSection;
    readonly error: { readonly message: string; readonly range?: DefasmRange } | null;
    readonly relocations: readonly {
      readonly value: { readonly symbol: { readonly name: string } | null };
    }[];
    /** Only instructions have one. */
    readonly opcode?: string;
    /** Only directives about symbols have one. */
    readonly setting?: unknown;
    readonly switchSection?: boolean;
    /** Appends a value to the bytes, cut to its size. */
    genValue(
      value: DefasmValue,
      options: { readonly size: number; readonly sizeRelative?: boolean },
    ): number;
  }

  export interface DefasmValue {
    readonly addend: bigint | null;
    readonly range?: DefasmRange;
    isRelocatable(): unknown;
  }

  export interface DefasmSymbol {
    readonly name: string;
    /** Null while nothing defines it. */
    readonly statement: DefasmStatement | null;
    readonly references: readonly DefasmStatement[];
    readonly value: { readonly addend: bigint | null; readonly section: DefasmSection };
  }

  export class AssemblyState {
    constructor(options: {
      readonly syntax: { readonly intel: boolean; readonly prefix: boolean };
    });
    readonly symbols: ReadonlyMap<string, DefasmSymbol>;
    readonly errors: readonly { readonly message: string; readonly range?: DefasmRange }[];
    compile(source: string): void;
    iterate(visit: (statement: DefasmStatement, line: number) => void): void;
  }

  /** The ways to encode an instruction; none for a name that is none. */
  export function fetchMnemonic(name: string, intel: boolean): readonly unknown[];
}
