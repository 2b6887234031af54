/** JUnit's XML as Ant began it and Jenkins and others read it: a suite for each file, a case for each test. */
import { escapeControls } from '../../engine/escape.ts';
import type { FileProblem, Write } from '../report.ts';
import type { TestReporter, TestResult } from './reporter.ts';
import type { TestFile } from './tests.ts';

/** Counts and cases of one file. */
interface Suite {
  readonly file: string;
  /** ISO 8601, to the second, in UTC. */
  readonly timestamp: string;
  readonly cases: string[];
  failures: number;
  errors: number;
  skipped: number;
  milliseconds: number;
}

type Attributes = Readonly<Record<string, string | number | undefined>>;

export class JUnitReporter implements TestReporter {
  readonly #write: Write;
  readonly #suites: Suite[] = [];

  constructor(write: Write) {
    this.#write = write;
  }

  file({ file, problems }: TestFile): void {
    const suite: Suite = {
      file,
      timestamp: new Date().toISOString().slice(0, 19),
      cases: [],
      failures: 0,
      errors: 0,
      skipped: 0,
      milliseconds: 0,
    };
    this.#suites.push(suite);
    for (const problem of problems) if (problem.severity === 'error') addProblem(suite, problem);
  }

  test(result: TestResult): void {
    const suite = this.#suites.at(-1);
    if (suite) addTest(suite, result);
  }

  end(): void {
    // An error of a file in which nothing is tested is a case; a warning alone is none.
    const suites = this.#suites.filter(({ cases }) => cases.length > 0);
    const sum = (value: (suite: Suite) => number): number =>
      suites.reduce((total, suite) => total + value(suite), 0);
    const all = attributes({
      name: 'jit-bytes',
      tests: sum(({ cases }) => cases.length),
      failures: sum(({ failures }) => failures),
      errors: sum(({ errors }) => errors),
      time: seconds(sum(({ milliseconds }) => milliseconds)),
    });
    this.#write(`<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${all}>\n`);
    for (const suite of suites) this.#write(suiteText(suite));
    this.#write('</testsuites>\n');
  }
}

function addTest(suite: Suite, { test, status, message, milliseconds }: TestResult): void {
  const { line, column } = test.range.start;
  suite.milliseconds += milliseconds;
  let inner: string | undefined;
  if (status === 'failed') {
    suite.failures++;
    const place = `${suite.file}:${line + 1}:${column + 1}`;
    inner = element('failure', { message, type: 'expectation' }, `${place}: ${message}`);
  } else if (status === 'skipped') {
    suite.skipped++;
    inner = element('skipped', { message });
  }
  const name = `${test.blockName} > ${test.callName}`;
  suite.cases.push(caseText(suite.file, name, line + 1, milliseconds, inner));
}

function addProblem(suite: Suite, { range, code, message }: FileProblem): void {
  const line = range && range.start.line + 1;
  const place = [line, range && range.start.column + 1].filter((part) => part !== undefined);
  suite.errors++;
  const text = `${[suite.file, ...place].join(':')}: ${message}`;
  const inner = element('error', { message, type: code }, text);
  suite.cases.push(caseText(suite.file, [code, ...place].join(':'), line, 0, inner));
}

function suiteText({ file, timestamp, cases, ...counts }: Suite): string {
  const { failures, errors, skipped, milliseconds } = counts;
  const head = attributes({
    name: file,
    tests: cases.length,
    failures,
    errors,
    skipped,
    time: seconds(milliseconds),
    timestamp,
  });
  return `  <testsuite${head}>\n${cases.join('')}  </testsuite>\n`;
}

function caseText(
  file: string,
  name: string,
  line: number | undefined,
  milliseconds: number,
  inner: string | undefined,
): string {
  const head = attributes({ name, classname: file, file, line, time: seconds(milliseconds) });
  if (inner === undefined) return `    <testcase${head}/>\n`;
  return `    <testcase${head}>\n      ${inner}\n    </testcase>\n`;
}

function element(name: string, values: Attributes, text = ''): string {
  const head = `${name}${attributes(values)}`;
  return text === '' ? `<${head}/>` : `<${head}>${escapeXml(text)}</${name}>`;
}

/** ` name="value"` for each that is given. */
function attributes(values: Attributes): string {
  return Object.entries(values)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeXml(String(value))}"`))
    .join('');
}

/** Milliseconds in seconds, to the microsecond. */
function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(6);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Text for content and attributes, with only characters that XML 1.0 allows (section 2.2). */
function escapeXml(text: string): string {
  return escapeControls(text)
    .replace(/[\p{Surrogate}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
