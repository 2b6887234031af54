/** The tests of a text, for command line and editor alike: its calls with expectations, and what keeps some from being run. */
import type { Call, JitBlock } from '../model/block.ts';
import { formatSignature } from '../model/signature.ts';
import type { Range, Span } from '../model/text.ts';
import { abbreviate, formatCall } from './format.ts';
import { planCalls, type PlannedCall, type RunSettings } from './plan.ts';

/** A call with an expectation, ready to run or refused. */
export interface CallTest {
  readonly planned: PlannedCall;
  /** `add_four(4) => 8`; the second of two alike in the file ends with `#2`. */
  readonly name: string;
  /** Where the expectation stands. */
  readonly span: Span;
}

/** A block and its tests in their order in the text. */
export interface BlockTests {
  readonly block: JitBlock;
  /** The block's name, or its signature where it has none. */
  readonly name: string;
  /** Those of a broken block have names, but must not run. */
  readonly tests: readonly CallTest[];
}

/** Characters of an expectation in a name. */
const maxExpectation = 80;

/** Yields every block of a text with its tests, in the order of the blocks. */
export function* testsOfBlocks(
  blocks: Iterable<JitBlock>,
  settings: RunSettings,
): Generator<BlockTests, void, undefined> {
  const uniqueName = numbered();
  for (const block of blocks) {
    const name = block.name ?? formatSignature(block.signature);
    const tests: CallTest[] = [];
    for (const planned of planCalls({ ...block, broken: false }, settings)) {
      const { expectation } = planned.call;
      if (!expectation) continue;
      const call = `${formatCall(block, planned.call)} => ${abbreviate(expectation.text, maxExpectation)}`;
      const unique = uniqueName(`${name} > ${call}`);
      tests.push({ planned, name: unique.slice(`${name} > `.length), span: expectation.span });
    }
    yield { block, name, tests };
  }
}

/** Gives each name once: the second time it is `name #2`. */
export function numbered(): (name: string) => string {
  const seen = new Map<string, number>();
  return (name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} #${count}`;
  };
}

/** Whether a block surely has no expectation: calls that could not be read may have had one. */
export function asksNothing({ calls }: { readonly calls: readonly Call[] }): boolean {
  return calls.length > 0 && calls.every(({ broken, expectation }) => !broken && !expectation);
}

/** Whether something begins inside a block. */
export function beginsIn(block: Range, { start }: Range): boolean {
  return !isBefore(start, block.start) && isBefore(start, block.end);
}

function isBefore(one: Range['start'], other: Range['start']): boolean {
  return one.line < other.line || (one.line === other.line && one.column < other.column);
}
