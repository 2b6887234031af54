/** The disassembly at the end of lines of bytes, as inlay hints: by default where the author has not said it in a comment. */
import * as vscode from 'vscode';
import type { BlockInstructions } from '../engine/blockInstructions.ts';
import { abbreviate } from '../engine/format.ts';
import type { Instruction } from '../model/instruction.ts';
import { timed } from './callbackTimes.ts';
import type { Instructions } from './instructions.ts';
import { disassemblyHints, disassemblySyntax, onSettingsChange } from './settings.ts';

/** Characters of one hint, at most. */
const longest = 60;

export class DisassemblyHints implements vscode.InlayHintsProvider {
  readonly #instructions: Instructions;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #disposables: vscode.Disposable[];
  readonly onDidChangeInlayHints = this.#changed.event;

  constructor(instructions: Instructions) {
    this.#instructions = instructions;
    this.#disposables = [
      this.#changed,
      vscode.languages.registerInlayHintsProvider('*', this),
      onSettingsChange(['disassembly.hints', 'disassembly.syntax', 'defaultArchitecture'], () =>
        this.#changed.fire(),
      ),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async provideInlayHints(
    document: vscode.TextDocument,
    range: vscode.Range,
  ): Promise<vscode.InlayHint[]> {
    const mode = disassemblyHints(document);
    if (mode === 'off') return [];
    const scan = await this.#instructions.scanOf(document);
    if (!scan) return [];
    const [from, to] = [document.offsetAt(range.start), document.offsetAt(range.end)];
    // Lines of assembly say it themselves.
    const inView = scan.blocks.filter(
      ({ literal, assembly }) => !assembly && literal.start <= to && literal.end >= from,
    );
    const decoded = await Promise.all(inView.map((block) => this.#instructions.of(block)));
    if (scan.version !== document.version) return [];
    const syntax = disassemblySyntax();
    return timed('disassembly hints', () =>
      decoded.flatMap((block) => (block ? hintsOf(document, block, range, mode, syntax) : [])),
    )();
  }
}

function hintsOf(
  document: vscode.TextDocument,
  block: BlockInstructions,
  range: vscode.Range,
  mode: 'missing' | 'all',
  syntax: 'intel' | 'att',
): vscode.InlayHint[] {
  const commented = new Set(
    block.block.comments.map(({ start }) => document.positionAt(start).line),
  );
  const byLine = new Map<number, Instruction[]>();
  for (const instruction of block.instructions) {
    // An instruction that goes on over lines is told where it begins.
    const { line } = document.positionAt(block.spanOf(instruction).start);
    if (line < range.start.line || line > range.end.line) continue;
    if (mode === 'missing' && commented.has(line)) continue;
    byLine.set(line, [...(byLine.get(line) ?? []), instruction]);
  }
  // A block of one line says it all in the literal; a hint as long as the code would only be in the way.
  return [...byLine].map(([line, instructions]) => {
    const text = abbreviate(instructions.map((one) => one[syntax]).join('; '), longest);
    const hint = new vscode.InlayHint(document.lineAt(line).range.end, text);
    hint.paddingLeft = true;
    hint.tooltip = instructions.map((one) => one[syntax]).join('\n');
    return hint;
  });
}
