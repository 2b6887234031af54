/** The tests of a file: its calls with expectations, and what keeps some from being run. */
import { abbreviate, formatCall } from '../../engine/format.ts';
import { planCalls, type PlannedCall, type RunSettings } from '../../engine/plan.ts';
import type { JitBlock } from '../../model/block.ts';
import { formatSignature } from '../../model/signature.ts';
import type { LineIndex, Range, Span } from '../../model/text.ts';
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

/** Characters of an expectation in a name. */
const maxExpectation = 80;

/** Finds the tests of a text that a filter lets through, in their order in the text. */
export async function testsOf(
  source: Source & { kind: 'text' },
  settings: RunSettings,
  filter: Filter = () => true,
): Promise<TestFile> {
  const { file } = source;
  const { blocks, lines, problems } = await scanSource(source, settings.machine);
  const uniqueName = numbered();
  const tests: PlannedTest[] = [];
  const untested: JitBlock[] = [];
  for (const block of blocks) {
    const all = plannedTests(block, settings, file, lines, uniqueName);
    tests.push(...(block.broken ? [] : all.filter(({ name }) => filter(name))));
    if (asksNothing(block) || (all.length > 0 && !all.some(({ name }) => filter(name)))) {
      untested.push(block);
    }
  }
  return { file, lines, problems: problems.map(milder(untested, lines)), tests };
}

function plannedTests(
  block: JitBlock,
  settings: RunSettings,
  file: string,
  lines: LineIndex,
  uniqueName: (name: string) => string,
): PlannedTest[] {
  const blockName = block.name ?? formatSignature(block.signature);
  // What a broken block would have run still has names, which a filter may ask for.
  return planCalls({ ...block, broken: false }, settings).flatMap((planned) => {
    const { call } = planned;
    const { expectation } = call;
    if (!expectation) return [];
    const expected = abbreviate(expectation.text, maxExpectation);
    const unique = uniqueName(`${blockName} > ${formatCall(block, call)} => ${expected}`);
    const callName = unique.slice(blockName.length + ' > '.length);
    const range = lines.range(expectation.span);
    return [{ block, planned, name: `${file} > ${unique}`, blockName, callName, range }];
  });
}

/** Gives each name once: the second time it is `name #2`. */
function numbered(): (name: string) => string {
  const seen = new Map<string, number>();
  return (name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} #${count}`;
  };
}

/** Whether a block surely has no expectation: calls that could not be read may have had one. */
function asksNothing({ calls }: JitBlock): boolean {
  return calls.length > 0 && calls.every(({ broken, expectation }) => !broken && !expectation);
}

/** Makes errors inside blocks that are not tested warnings. */
function milder(
  untested: readonly JitBlock[],
  lines: LineIndex,
): (problem: FileProblem) => FileProblem {
  const extents = untested.map((block) => lines.range(extentOf(block)));
  return (problem) => {
    const { range, severity } = problem;
    if (!range || severity !== 'error') return problem;
    const inside = extents.some(({ start, end }) => before(start, range) && !before(end, range));
    return inside ? { ...problem, severity: 'warning' } : problem;
  };
}

/** From the annotation to the end of the literal, whichever comes first. */
function extentOf({ annotation, literal }: JitBlock): Span {
  return {
    start: Math.min(annotation.start, literal.start),
    end: Math.max(annotation.end, literal.end),
  };
}

/** Whether a position is at or before the start of a range. */
function before(position: Range['start'], { start }: Range): boolean {
  return (
    position.line < start.line || (position.line === start.line && position.column <= start.column)
  );
}
