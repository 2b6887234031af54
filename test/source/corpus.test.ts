/** The scanner against the corpus: one case a section, hex and places expected. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { findJitBlocks } from '../../src/source/findJitBlocks.ts';

interface Case {
  readonly name: string;
  readonly language: string;
  readonly text: string;
  readonly blocks: readonly string[];
  readonly problems: readonly string[];
}

function readCases(file: string): Case[] {
  const cases: Case[] = [];
  for (const chunk of readFileSync(file, 'utf8').split(/^=== /m).slice(1)) {
    if (chunk.startsWith('END')) continue;
    const name = chunk.slice(0, chunk.indexOf('\n'));
    const part = (from: string, to: string): string[] => {
      const start = chunk.indexOf(`--- ${from}\n`) + from.length + 5;
      const stop = chunk.indexOf(to, start - 1);
      return chunk.slice(start, stop < 0 ? undefined : Math.max(start, stop)).split('\n');
    };
    const header = chunk.slice(0, chunk.indexOf('--- text'));
    const lines = part('text', '\n--- blocks');
    const newline = /^crlf: true/m.test(header) ? '\r\n' : '\n';
    const listed = (from: string, to: string): string[] =>
      part(from, to).filter((line) => line.trim() !== '');
    cases.push({
      name,
      language: /^language: (\S+)/m.exec(header)?.[1] ?? 'plaintext',
      text: lines.join(newline),
      blocks: listed('blocks', '--- problems'),
      problems: listed('problems', '===END'),
    });
  }
  return cases;
}

const folder = path.join(process.cwd(), 'test/source/corpus');
for (const file of readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .sort()) {
  test(file, async (t) => {
    const cases = readCases(path.join(folder, file));
    assert.ok(cases.length > 0);
    for (const { name, language, text, blocks, problems } of cases) {
      await t.test(name, () => {
        const result = findJitBlocks(text, language);
        const place = (offset: number): string => {
          const { line, column } = result.lines.position(offset);
          return `${line + 1}:${column + 1}`;
        };
        const foundBlocks = result.blocks
          .filter(({ bytes }) => bytes.length > 0)
          .map((block) => {
            const hex = Buffer.from(block.bytes).toString('hex');
            return `${result.lines.position(block.tag.start).line + 1} ${block.name ?? '-'} ${hex}`;
          });
        const readable = foundBlocks.filter((line) => blocks.includes(line) || !isUnreadable(line));
        function isUnreadable(line: string): boolean {
          const tagLine = Number(line.split(' ')[0]);
          return result.blocks.some(
            (block) => block.broken && result.lines.position(block.tag.start).line + 1 === tagLine,
          );
        }
        assert.deepEqual(readable, blocks, text);
        const found = result.problems.map(({ span, message }) => `${place(span.start)} ${message}`);
        assert.equal(
          found.length,
          problems.length,
          `problems:\n${found.join('\n')}\nexpected:\n${problems.join('\n')}\n${text}`,
        );
        problems.forEach((expected, index) => {
          const [at, ...pattern] = expected.split(' ');
          const actual = result.problems[index];
          assert.ok(actual);
          assert.equal(place(actual.span.start), at, `${actual.message}\n${text}`);
          assert.match(actual.message, new RegExp(pattern.join(' '), 'i'), text);
        });
      });
    }
  });
}
