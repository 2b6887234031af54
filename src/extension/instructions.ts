/** The instructions of a document's blocks, decoded when first asked for and kept as long as their block is. */
import type * as vscode from 'vscode';
import { disassembler, supports } from '../asm/disassembler.ts';
import { BlockInstructions } from '../engine/blockInstructions.ts';
import type { JitBlock } from '../model/block.ts';
import { blockAround } from './blockAtPlace.ts';
import type { DocumentScan, ScanCache } from './scanCache.ts';

export class Instructions {
  readonly #scans: ScanCache;
  readonly #log: (message: string) => void;
  readonly #decoded = new WeakMap<JitBlock, Promise<BlockInstructions | undefined>>();

  constructor(scans: ScanCache, log: (message: string) => void) {
    this.#scans = scans;
    this.#log = log;
  }

  /** The scan of a document as it is, or undefined if it has changed meanwhile. */
  async scanOf(document: vscode.TextDocument): Promise<DocumentScan | undefined> {
    const { version } = document;
    const scan = this.#scans.now(document) ?? (await this.#scans.get(document));
    return scan.version === version && document.version === version ? scan : undefined;
  }

  /** A block's instructions, or undefined if its architecture is not known or its bytes do not read whole. */
  of(block: JitBlock): Promise<BlockInstructions | undefined> {
    let found = this.#decoded.get(block);
    if (!found) {
      found = this.#decode(block);
      this.#decoded.set(block, found);
    }
    return found;
  }

  /** The block whose literal holds a place of the document, with its instructions. */
  async around(
    document: vscode.TextDocument,
    place: number,
  ): Promise<BlockInstructions | undefined> {
    const scan = await this.scanOf(document);
    const block = scan && blockAround(scan, place);
    return block && this.of(block);
  }

  async #decode(block: JitBlock): Promise<BlockInstructions | undefined> {
    if (block.broken || !supports(block.architecture)) return undefined;
    try {
      return new BlockInstructions(block, await disassembler(block.architecture));
    } catch (error) {
      this.#log(`no disassembly: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }
}
