/** What tags and expectations mean, in the user's language. */
import * as vscode from 'vscode';
import { tagNames, type TagName } from '../source/tags.ts';

/** The command that shows the whole annotation language. */
export const showLanguage = 'jitBytes.showAnnotations';

interface TagWords {
  readonly meaning: string;
  readonly example: string;
}

function wordsOf(name: TagName): TagWords | undefined {
  switch (name) {
    case 'jit':
      return {
        meaning: vscode.l10n.t(
          'Makes the byte array below callable, with this signature. Without a parameter list it is () -> i64.',
        ),
        example: '@jit add_four(n: i64) -> i64',
      };
    case 'fragment':
      return {
        meaning: vscode.l10n.t(
          'Marks bytes that are no function: calls give and expect registers. They end at a return, a trap or the last byte.',
        ),
        example: '@fragment\n@call (rax = 5) => rax = 12, zf = 0',
      };
    case 'call':
      return {
        meaning: vscode.l10n.t('One call of the bytes, with arguments and what it must give.'),
        example: '@call (4)  => 8\n@call (-1) => 3',
      };
    case 'arch':
      return {
        meaning: vscode.l10n.t(
          'The instruction set of the bytes. Where this machine does not have it they are read, but not run.',
        ),
        example: '@arch aarch64',
      };
    case 'abi':
      return {
        meaning: vscode.l10n.t(
          'The calling convention. Without it, that of the platform that runs the bytes.',
        ),
        example: '@abi win64',
      };
    case 'timeout':
      return {
        meaning: vscode.l10n.t(
          'The time that each call may take: us, ms or s. Your own setting is the ceiling.',
        ),
        example: '@timeout 50ms',
      };
    case 'entry':
      return {
        meaning: vscode.l10n.t('Calls start at this offset instead of at the first byte.'),
        example: '@entry +0x34',
      };
    case 'patch':
      return {
        meaning: vscode.l10n.t('A value written at an offset of the bytes before every call.'),
        example: '@patch +2 = u64 0x1122',
      };
    case 'more':
      return {
        meaning: vscode.l10n.t(
          'Appends the bytes of the array below to the block of that name, or to the one before.',
        ),
        example: '@more add_four',
      };
    case 'data':
      return {
        meaning: vscode.l10n.t('From this offset on the bytes are data, not instructions.'),
        example: '@data +0x20',
      };
    case 'bench':
      return {
        meaning: vscode.l10n.t('Measures these bytes when benchmarks run.'),
        example: '@bench',
      };
    case 'asm':
      return { meaning: vscode.l10n.t('Marks assembly text.'), example: '@asm intel' };
    default:
      return undefined;
  }
}

/** What a tag means, with an example and a link; undefined for a name that is no tag. */
export function tagDocumentation(label: string): vscode.MarkdownString | undefined {
  const name = tagNames.find((tag) => label === `@${tag}`);
  const words = name && wordsOf(name);
  if (!words) return undefined;
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: [showLanguage] };
  text.appendText(words.meaning);
  text.appendCodeblock(words.example, 'plaintext');
  text.appendMarkdown(`[${vscode.l10n.t('The annotation language')}](command:${showLanguage})`);
  return text;
}

/** When an outcome after `=>` holds. */
export function outcomeDocumentation(label: string): vscode.MarkdownString | undefined {
  const meaning = outcomeMeaning(label);
  return meaning === undefined ? undefined : new vscode.MarkdownString().appendText(meaning);
}

function outcomeMeaning(label: string): string | undefined {
  const [first = ''] = label.split(' ');
  switch (first) {
    case 'fault':
      if (label.includes(' at ')) {
        return vscode.l10n.t('The call crashes with this signal, at the instruction at this byte.');
      }
      return label === first
        ? vscode.l10n.t('The call crashes, however.')
        : vscode.l10n.t('The call crashes with this signal.');
    case 'timeout':
      return vscode.l10n.t('The call runs into its time limit.');
    case 'blocked':
      return label === first
        ? vscode.l10n.t('The call is stopped at a system call.')
        : vscode.l10n.t('The call is stopped at this system call.');
    case 'exited':
      return vscode.l10n.t('The call ends its process itself.');
    case 'abi':
      return vscode.l10n.t(
        'The call returns, but does not leave a register as the calling convention demands.',
      );
    case 'end':
      return vscode.l10n.t('The call runs past the last byte.');
    default:
      return undefined;
  }
}
