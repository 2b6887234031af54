/** Asks for what an annotation would say: a signature and arguments. What was given last is offered again. */
import * as vscode from 'vscode';
import type { JitBlock } from '../model/block.ts';
import { formatSignature } from '../model/signature.ts';
import type { ScanOptions } from '../source/findJitBlocks.ts';
import { readLiteral, type ByteLiteral, type LiteralReading } from './byteLiteralAtCursor.ts';

const lastSignatureKey = 'jitBytes.lastSignature';
const lastArgumentsKey = 'jitBytes.lastArguments';

/** Reads the words of the user; a problem's message is shown while they are typed. */
type Read = (words: string) => LiteralReading;

/** Asks how to call bytes without an annotation. Undefined: the user has thought better of it. */
export async function askForSignatureAndCall(
  literal: ByteLiteral,
  options: ScanOptions,
  memory: vscode.Memento,
): Promise<JitBlock | undefined> {
  const signature = await ask({
    title: vscode.l10n.t('Run JIT bytes: signature'),
    prompt: vscode.l10n.t('How the bytes are called, such as (n: i64) -> i64 or long f(long n)'),
    initial: memory.get(lastSignatureKey, '() -> i64'),
    read: (words) => readLiteral(literal, words, '', options),
    ignore: (reading) => reading.block === undefined && reading.problem?.code === 'bad-call',
  });
  if (signature === undefined) return undefined;
  await memory.update(lastSignatureKey, signature);
  const withoutArguments = readLiteral(literal, signature, '()', options);
  if (withoutArguments.block?.signature.parameters.length === 0) return withoutArguments.block;
  const words = await askForArguments(memory, (words) =>
    readLiteral(literal, signature, words, options),
  );
  return words === undefined ? undefined : readLiteral(literal, signature, words, options).block;
}

/** Asks for the arguments of a block that has parameters but no `@call`. */
export async function askForArguments(
  memory: vscode.Memento,
  read: Read,
  block?: JitBlock,
  title = vscode.l10n.t('Run JIT bytes: arguments'),
): Promise<string | undefined> {
  const words = await ask({
    title,
    prompt: block
      ? vscode.l10n.t(
          'Arguments of {0}, such as (4) or ([1, 2, 3], 3)',
          formatSignature(block.signature),
        )
      : vscode.l10n.t(
          'Arguments, such as (4) or ([1, 2, 3], 3); an expectation may follow, as in (4) => 8',
        ),
    initial: memory.get(lastArgumentsKey, '()'),
    read: (text) => read(inBrackets(text)),
    ignore: () => false,
  });
  if (words === undefined) return undefined;
  const given = inBrackets(words);
  await memory.update(lastArgumentsKey, given);
  return given;
}

interface Question {
  readonly title: string;
  readonly prompt: string;
  readonly initial: string;
  readonly read: Read;
  /** Whether what is wrong is not for this question to mend. */
  readonly ignore: (reading: LiteralReading) => boolean;
}

async function ask({
  title,
  prompt,
  initial,
  read,
  ignore,
}: Question): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title,
    prompt,
    value: initial,
    ignoreFocusOut: true,
    validateInput: (words) => {
      const reading = read(words);
      if (reading.block || ignore(reading)) return undefined;
      return reading.problem?.message ?? vscode.l10n.t('this cannot be read');
    },
  });
}

/** Arguments may be given without their brackets. */
function inBrackets(words: string): string {
  const text = words.trim();
  if (text.startsWith('(')) return text;
  const arrow = text.indexOf('=>');
  if (arrow < 0) return `(${text})`;
  return `(${text.slice(0, arrow).trim()}) ${text.slice(arrow)}`;
}
