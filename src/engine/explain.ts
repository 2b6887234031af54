/** From a result to what a person is told of it: the end in a line, the instruction it happened at, and notes. */
import { disassembler, supports } from '../asm/disassembler.ts';
import type { Call } from '../model/block.ts';
import type { Instruction } from '../model/instruction.ts';
import type { Place, RunRequest, RunResult } from '../model/run.ts';
import { escapeControls } from './escape.ts';
import { faultText } from './faultText.ts';
import { formatMilliseconds, formatResult } from './format.ts';
import { fragmentText } from './fragmentText.ts';
import { instructionText } from './crashListing.ts';
import { formatOffset } from './instructionText.ts';
import { MemoryMap } from './memoryMap.ts';
import { hexText } from './numberText.ts';
import { systemCallText } from './systemCallText.ts';
import { unpredictableNotes } from './unpredictable.ts';

export interface Explanation {
  /** The whole end of the call in one line, without control characters. */
  readonly text: string;
  /** Where the call faulted, was stuck or was stopped; undefined where that is not known or it ended otherwise. */
  readonly instruction: Instruction | undefined;
  /** The instructions around that one, in their order, itself among them. */
  readonly around: readonly Instruction[];
  /** What else there is to know, such as that the result depends on the time. */
  readonly notes: readonly string[];
}

/** Instructions shown before and after the one that matters. */
const instructionsAround = 5;

/** Bytes before the instruction that are decoded at most: enough for decoding to fall into step. */
const decodedBefore = 4096;

/** Explains the results of one block's calls. The disassembler is loaded when a result needs it. */
export class Explainer {
  readonly #dataFrom: number | undefined;
  #notes: Promise<readonly string[]> | undefined;
  #last: { readonly offset: number; readonly around: readonly Instruction[] } | undefined;

  /** @param dataFrom offset from which on the bytes are data, or undefined */
  constructor(dataFrom: number | undefined) {
    this.#dataFrom = dataFrom;
  }

  /** @param request one of the block that this explainer is for, with its call and its result */
  async explain(request: RunRequest, call: Call, result: RunResult): Promise<Explanation> {
    const place = placeOf(result);
    const around = place?.offset === undefined ? [] : await this.#around(request, place.offset);
    const instruction = around.find(({ offset }) => offset === place?.offset);
    this.#notes ??= unpredictableNotes(request.architecture, request.bytes, this.#dataFrom);
    return {
      text: escapeControls(textOf(request, call, result, instruction)),
      instruction,
      around,
      notes: await this.#notes,
    };
  }

  async #around(request: RunRequest, offset: number): Promise<readonly Instruction[]> {
    if (this.#last?.offset === offset) return this.#last.around;
    const around = await instructionsAt(request, offset);
    this.#last = { offset, around };
    return around;
  }
}

/** The explanation of a call that was not made. */
export function withoutExplanation(text: string): Explanation {
  return { text, instruction: undefined, around: [], notes: [] };
}

/** Where the instruction is that a result is about. */
function placeOf(
  result: RunResult,
):
  | { readonly offset: number | undefined; readonly registers: Place['registers'] | undefined }
  | undefined {
  switch (result.outcome) {
    case 'fault':
      return result.fault;
    case 'timeout':
      return result.stuck;
    case 'blocked':
      return result.at;
    default:
      return undefined;
  }
}

async function instructionsAt(
  { architecture, bytes, entry }: RunRequest,
  offset: number,
): Promise<readonly Instruction[]> {
  if (!supports(architecture) || offset >= bytes.length) return [];
  const decoder = await disassembler(architecture);
  const following = decoder.decode(bytes, { offset, count: instructionsAround + 1 });
  const first = Math.max(0, offset - decodedBefore);
  // Decoding may be out of step with what ran: whoever jumps into the middle of an instruction hides another.
  for (const start of [first, entry]) {
    if (start > offset || offset - start > decodedBefore) continue;
    const before = decoder.decode(bytes.subarray(0, offset), { offset: start });
    const last = before.at(-1);
    if (last && last.valid) return [...before.slice(-instructionsAround), ...following];
  }
  return following;
}

function textOf(
  request: RunRequest,
  call: Call,
  result: RunResult,
  instruction: Instruction | undefined,
): string {
  const place = placeOf(result);
  const memory = new MemoryMap(request, place?.offset, place?.registers);
  switch (result.outcome) {
    case 'fault':
      return faultText({
        architecture: request.architecture,
        fault: result.fault,
        instruction,
        memory,
      });
    case 'timeout': {
      const after = `timeout after ${formatMilliseconds(result.limitMs)}`;
      if (!result.stuck) return after;
      if (result.stuck.offset === undefined) return `${after}, stuck outside of its code`;
      const at = `${after}, stuck at ${formatOffset(result.stuck.offset)}`;
      return instruction ? `${at}: ${instructionText(instruction)}` : at;
    }
    case 'blocked': {
      const { systemCall, arguments: values, at } = result;
      const made = systemCallText(systemCall, values, memory);
      return `blocked ${made}${at?.offset === undefined ? '' : ` at ${formatOffset(at.offset)}`}`;
    }
    case 'abi':
      return abiText(result);
    default:
      if (request.fragment && result.outcome === 'returned' && result.registers) {
        return fragmentText(request.architecture, call, result.registers);
      }
      return formatResult(result, request.signature);
  }
}

function abiText({ register, expected, found }: RunResult & { outcome: 'abi' }): string {
  if (register === 'df') return 'abi: the direction flag (df) was left set';
  if (register === 'ac') return 'abi: the alignment check flag (ac) was left set';
  const values = `expected ${hexText(expected)}, found ${hexText(found)}`;
  const text = `abi: ${register} was not preserved: ${values}`;
  if (register !== 'rsp' && register !== 'sp') return text;
  const distance = BigInt.asIntN(64, found - expected);
  return `${text}, ${distance < 0n ? -distance : distance} bytes ${distance < 0n ? 'lower' : 'higher'}`;
}
