/** What the commands share that read files and run nothing. */
import { machineOf } from '../engine/plan.ts';
import { painter, wantsColours, type Paint } from './colours.ts';
import { watchInterrupt } from './interrupt.ts';
import { type Json, problemJson, textOf } from './jsonText.ts';
import type { SourceOptions } from './options.ts';
import type { FileProblem } from './report.ts';
import { type Scanned, scanSource, unreadableProblem } from './scanSource.ts';
import { readSources } from './sources.ts';
import { exitStatus } from './tally.ts';
import { problemText } from './textReport.ts';

/** A file that was read. */
export interface ReadFile extends Scanned {
  readonly file: string;
  readonly text: string;
  readonly languageId: string;
}

/** What a command finds in one file, in both forms. */
export interface Findings {
  /** Problems beside those of the text. */
  readonly problems?: readonly FileProblem[];
  /** Lines for people, without line ends. */
  readonly lines: readonly string[];
  /** What the file's object in the JSON document has beside `file` and `problems`. */
  readonly json: Readonly<Record<string, Json>>;
  /** The exit status that this file asks for; the first of 2, 1, 3 and 0 over all files counts. */
  readonly status: number;
}

/** Statuses, gravest first. */
const gravity: readonly number[] = [
  exitStatus.unreadable,
  exitStatus.failed,
  exitStatus.refused,
  exitStatus.well,
];

/**
 * Reads the files that the options name, reports what `look` finds in each, and gives the exit status.
 * @param unread the keys with which the JSON document describes a file that could not be read
 * @param closed aborted when nobody reads the report any more
 */
export async function readingCommand(
  options: SourceOptions,
  closed: AbortSignal,
  unread: Readonly<Record<string, Json>>,
  look: (file: ReadFile, paint: Paint) => Promise<Findings>,
): Promise<number> {
  using interrupt = watchInterrupt();
  const signal = AbortSignal.any([interrupt.signal, closed]);
  const machine = machineOf(process.platform, process.arch);
  const paint = painter(wantsColours(process.env, process.stdout.isTTY));
  const statuses = new Set<number>();
  let files = 0;
  const write = (file: string, problems: readonly FileProblem[], found: Findings): void => {
    statuses.add(found.status);
    if (problems.some(({ severity }) => severity === 'error')) statuses.add(exitStatus.unreadable);
    if (options.json) {
      const object = { file, problems: problems.map(problemJson), ...found.json };
      process.stdout.write(`${files === 0 ? '{"version":1,"files":[' : ','}\n${textOf(object)}`);
    } else {
      const told = problems.filter(({ range }) => range !== undefined);
      const lines = [...told.map((problem) => problemText(file, problem, paint)), ...found.lines];
      for (const line of lines) process.stdout.write(`${line}\n`);
    }
    files++;
  };
  try {
    for await (const source of readSources(options.paths, options.language, signal)) {
      const { file } = source;
      if (source.kind === 'unreadable') {
        const problem = unreadableProblem(source.reason);
        const painted = painter(wantsColours(process.env, process.stderr.isTTY));
        process.stderr.write(`${problemText(file, problem, painted)}\n`);
        write(file, [problem], { lines: [], json: unread, status: exitStatus.unreadable });
      } else {
        const scanned = await scanSource(source, machine, signal);
        const { languageId, decoded } = source;
        const read = { ...scanned, file, text: decoded.text, languageId };
        const found = await look(read, paint);
        write(file, [...scanned.problems, ...(found.problems ?? [])], found);
      }
      signal.throwIfAborted();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (options.json) process.stdout.write(files === 0 ? '{"version":1,"files":[]}\n' : ']}\n');
  return interrupt.status ?? gravity.find((status) => statuses.has(status)) ?? exitStatus.well;
}
