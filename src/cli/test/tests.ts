/** The tests of a file: its calls with expectations, and what keeps some from being run. */
import { asksNothing, beginsIn, testsOfBlocks } from '../../engine/fileTests.ts';
import type { PlannedCall, RunSettings } from '../../engine/plan.ts';
import { type JitBlock, spanOfBlock } from '../../model/block.ts';
import type { LineIndex, Range } from '../../model/text.ts';
import type { FileProblem } from '../report.ts';
import { scanSource } from '../scanSource.ts';
import type { Source } from '../sources.ts';
import type { Filter } from './selection.ts';

/** A file as tests see it. `file` is the path as given. */
export interface TestFile {
  readonly file: string;
  readonly lines: LineIndex;
  /** Those of severity error fail the run. */
  readonly problems: readonly FileProblem[];
  /** Block after block, in the order in which they are to run. */
  readonly tests: readonly PlannedTest[];
}

export interface PlannedTest {
  readonly block: JitBlock;
  readonly planned: PlannedCall;
  /** `file > block > call`. */
  readonly name: string;
  readonly blockName: string;
  /** `add_four(4) => 8`; the second of two alike ends with `#2`. */
  readonly callName: string;
  /** Where the expectation stands. */
  readonly range: Range;
}

/** Finds the tests of a text that a filter lets through, in their order in the text. */
export async function testsOf(
  source: Source & { kind: 'text' },
  settings: RunSettings,
  filter: Filter = () => true,
): Promise<TestFile> {
  const { file } = source;
  const { blocks, lines, problems } = await scanSource(source, settings.machine);
  const tests: PlannedTest[] = [];
  const untested: JitBlock[] = [];
  for (const { block, name: blockName, tests: calls } of testsOfBlocks(blocks, settings)) {
    const all = calls.map(({ planned, name: callName, span }) => {
      const name = `${file} > ${blockName} > ${callName}`;
      return { block, planned, name, blockName, callName, range: lines.range(span) };
    });
    // What a broken block would have run still has names, which a filter may ask for.
    tests.push(...(block.broken ? [] : all.filter(({ name }) => filter(name))));
    if (asksNothing(block) || (all.length > 0 && !all.some(({ name }) => filter(name)))) {
      untested.push(block);
    }
  }
  return { file, lines, problems: problems.map(milder(untested, lines)), tests };
}

/** Makes errors inside blocks that are not tested warnings. */
function milder(
  untested: readonly JitBlock[],
  lines: LineIndex,
): (problem: FileProblem) => FileProblem {
  const extents = untested.map((block) => lines.range(spanOfBlock(block)));
  return (problem) => {
    const { range, severity } = problem;
    if (!range || severity !== 'error') return problem;
    const inside = extents.some((extent) => beginsIn(extent, range));
    return inside ? { ...problem, severity: 'warning' } : problem;
  };
}
