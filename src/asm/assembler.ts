/** Assembly text of any supported architecture → bytes. What assembles is loaded or started when first asked for. */
import type { Architecture } from '../model/architecture.ts';
import type { Assembled, AssemblyError, AssemblySyntax } from '../model/assembly.ts';
import { limits } from '../model/run.ts';
import { defasmAssembler } from './assembler/defasm.ts';

export interface AssembleOptions {
  /** How x86 operands are written, unless the text begins with `.intel_syntax` or `.att_syntax`; others have one way. */
  readonly syntax: AssemblySyntax;
  /** Ends the work; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
}

export interface Assembler {
  readonly architecture: Architecture;
  /**
   * The bytes of a text, or every reason found why there are none, in the text's order. Whatever the text, it
   * rejects only when the signal is aborted, never hangs, and reads no file that the text names. What was made is
   * decoded again: an instruction that does not decode to one instruction of its length is an error. Names that
   * nothing in the text defines, bytes outside `.text` and whatever a linker would have to fill in are errors.
   */
  assemble(text: string, options: AssembleOptions): Promise<Assembled>;
}

/** Longest text, in UTF-16 code units. */
export const longestText = 1 << 20;

/** Whether there is an assembler for the architecture; it may need a program that is not installed. */
export function assembles(architecture: Architecture): boolean {
  return architecture === 'x86_64';
}

const loaded = new Map<Architecture, Assembler>();

/** The assembler for an architecture. Throws for one that {@link assembles} denies. */
export function assembler(architecture: Architecture): Assembler {
  const known = loaded.get(architecture);
  if (known) return known;
  if (!assembles(architecture)) throw new Error(`there is no assembler for ${architecture}`);
  const made = bounded(defasmAssembler());
  loaded.set(architecture, made);
  return made;
}

/** The assembler with its limits on text and bytes. */
function bounded({ architecture, assemble }: Assembler): Assembler {
  return {
    architecture,
    async assemble(text, options) {
      options.signal?.throwIfAborted();
      if (text.length > longestText) {
        return failure(text, `assembly text of more than ${longestText} characters`);
      }
      const result = await assemble(text, options);
      if ('bytes' in result && result.bytes.length > limits.codeBytes) {
        return failure(text, `more than ${limits.codeBytes} bytes`);
      }
      return result;
    },
  };
}

function failure(text: string, message: string): { readonly errors: readonly AssemblyError[] } {
  return { errors: [{ span: { start: 0, end: text.length }, message }] };
}
