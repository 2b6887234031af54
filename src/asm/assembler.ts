/** Assembly text of any supported architecture → bytes. What assembles is loaded or started when first asked for. */
import type { Architecture } from '../model/architecture.ts';
import type { Assembled, AssemblyError, AssemblySyntax } from '../model/assembly.ts';
import { limits } from '../model/run.ts';
import { defasmAssembler } from './assembler/defasm.ts';
import { gnuAssembler } from './assembler/gnu.ts';

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

/** There is no assembler for an architecture, or it is not installed; the message says which, and what to do. */
export class NoAssembler extends Error {}

/** Whether assemblers may be programs of the user's: not where a workspace is not trusted. */
export type Programs = 'allowed' | 'refused';

const loaded = new Map<Architecture, Promise<Assembler>>();

/** The assembler for an architecture: ours for x86-64, else GNU as. Rejects with {@link NoAssembler}. */
export async function assembler(
  architecture: Architecture,
  programs: Programs = 'allowed',
): Promise<Assembler> {
  if (programs === 'refused' && architecture !== 'x86_64') {
    const message = `${architecture} is assembled by GNU as, and no program may be started here`;
    throw new NoAssembler(message);
  }
  let found = loaded.get(architecture);
  if (!found) {
    found = find(architecture).then(bounded);
    loaded.set(architecture, found);
    // What is installed meanwhile is found the next time.
    found.catch(() => loaded.delete(architecture));
  }
  return found;
}

async function find(architecture: Architecture): Promise<Assembler> {
  if (architecture === 'x86_64') return defasmAssembler();
  const found = gnuAssembler(architecture);
  if (typeof found === 'string') throw new NoAssembler(found);
  return found;
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
