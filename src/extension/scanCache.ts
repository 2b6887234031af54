/** One scan for each version of a document, shared by all features. */
import process from 'node:process';
import * as vscode from 'vscode';
import type { Programs } from '../asm/assembler.ts';
import { assembleBlocks, hasAssembly } from '../engine/assembleBlock.ts';
import type { JitBlock, Problem } from '../model/block.ts';
import { anyTag, findJitBlocks, type ScanOptions } from '../source/findJitBlocks.ts';
import { rescan } from '../source/rescan.ts';
import { languageIdOf } from './documents.ts';
import { ScanThread } from './scanThread.ts';
import { defaultArchitecture } from './settings.ts';

/** What stands in one version of a document. Offsets are into its text. */
export interface DocumentScan {
  readonly version: number;
  readonly text: string;
  readonly blocks: readonly JitBlock[];
  readonly problems: readonly Problem[];
  /** See `ScanResult`. */
  readonly seams: readonly number[];
}

/**
 * Texts up to so many UTF-16 code units are read at once, in some ten milliseconds before the scanner is warm;
 * longer ones in a thread.
 */
const smallText = 48_000;

/** A document with more lines is long without looking at its text. */
const manyLines = 8000;

/** A document with more lines is not read again at each edit, for its text alone takes the editor milliseconds to give. */
const tooManyLines = 30_000;

interface Entry {
  readonly key: string;
  /** How it was read: what a later scan must agree in to build on this one. */
  readonly manner: string;
  readonly scan: DocumentScan;
}

interface Pending {
  readonly key: string;
  readonly scan: Promise<DocumentScan>;
}

export class ScanCache {
  readonly #entries = new WeakMap<vscode.TextDocument, Entry>();
  readonly #pending = new WeakMap<vscode.TextDocument, Pending>();
  readonly #underWay = new WeakMap<vscode.TextDocument, Promise<unknown>>();
  readonly #thread: ScanThread;
  readonly #log: (message: string) => void;

  /** @param workerPath the bundled `scanWorker.ts` */
  constructor(workerPath: string, log: (message: string) => void) {
    this.#thread = new ScanThread(workerPath);
    this.#log = log;
  }

  dispose(): void {
    this.#thread.dispose();
  }

  /** The scan of the document as it is, if it was made already. */
  known(document: vscode.TextDocument): DocumentScan | undefined {
    const known = this.#entries.get(document);
    return known?.key === keyOf(document) ? known.scan : undefined;
  }

  /** The scan of the document as it is, if it is known or quickly made; undefined means: use {@link get}. */
  now(document: vscode.TextDocument): DocumentScan | undefined {
    const key = keyOf(document);
    const known = this.#entries.get(document);
    if (known?.key === key) return known.scan;
    // A text with assembly was looked at before, and is being assembled.
    if (this.#pending.get(document)?.key === key) return undefined;
    const { version, lineCount } = document;
    if (lineCount > (known ? tooManyLines : manyLines)) return undefined;
    const text = document.getText();
    if (text.length <= smallText || !anyTag.test(text)) {
      const scan = scanText(document, text);
      if (!hasAssembly(scan)) return this.#keep(document, key, scan);
      this.#pending.set(document, { key, scan: this.#assemble(document, key, scan) });
      return undefined;
    }
    if (known?.manner !== mannerOf(document)) return undefined;
    const found = rescan(known.scan, text, languageIdOf(document), optionsOf(document));
    return found && this.#keep(document, key, { version, ...found });
  }

  /** The scan of the document as it is at this moment; it may have changed when the promise resolves. */
  async get(document: vscode.TextDocument): Promise<DocumentScan> {
    const known = this.now(document);
    if (known) return known;
    const key = keyOf(document);
    const pending = this.#pending.get(document);
    if (pending?.key === key) return pending.scan;
    const scan = this.#scanLarge(document, key);
    this.#pending.set(document, { key, scan });
    return scan;
  }

  /** Like {@link get}, but goes on until the document stands still. */
  async current(document: vscode.TextDocument): Promise<DocumentScan> {
    for (;;) {
      const scan = await this.get(document);
      if (scan.version === document.version || document.isClosed) return scan;
    }
  }

  async #scanLarge(document: vscode.TextDocument, key: string): Promise<DocumentScan> {
    await this.#underWay.get(document)?.catch(() => undefined);
    // While an earlier text was read this one changed: the newest is the only one worth an answer.
    if (keyOf(document) !== key) return this.get(document);
    const { version } = document;
    const text = document.getText();
    const found = this.#thread.scan(text, languageIdOf(document), optionsOf(document));
    this.#underWay.set(document, found);
    try {
      return await this.#assemble(document, key, { version, text, ...(await found) });
    } catch (error) {
      this.#log(`scanning in the extension host, because its thread failed: ${String(error)}`);
      return this.#assemble(document, key, scanText(document, text, version));
    }
  }

  /** Keeps a scan, with bytes in place of its assembly text if it has any. */
  async #assemble(
    document: vscode.TextDocument,
    key: string,
    scan: DocumentScan,
  ): Promise<DocumentScan> {
    const assembled = hasAssembly(scan) ? await assembleBlocks(scan, undefined, programs()) : scan;
    return this.#keep(document, key, { ...scan, ...assembled });
  }

  #keep(document: vscode.TextDocument, key: string, scan: DocumentScan): DocumentScan {
    if (scan.version === document.version)
      this.#entries.set(document, { key, manner: mannerOf(document), scan });
    return scan;
  }
}

function scanText(
  document: vscode.TextDocument,
  text: string,
  version = document.version,
): DocumentScan {
  const { blocks, problems, seams } = findJitBlocks(
    text,
    languageIdOf(document),
    optionsOf(document),
  );
  return { version, text, blocks, problems, seams };
}

/** How the annotations of a document, or of a file that is not open, are read. */
export function optionsOf(scope: vscode.TextDocument | vscode.Uri): ScanOptions {
  return {
    defaultArchitecture: defaultArchitecture(scope),
    windows: process.platform === 'win32',
  };
}

function keyOf(document: vscode.TextDocument): string {
  return `${document.version} ${mannerOf(document)}`;
}

function mannerOf(document: vscode.TextDocument): string {
  return `${languageIdOf(document)} ${defaultArchitecture(document)} ${programs()}`;
}

/** Text is assembled by the user's own programs only where the workspace is trusted. */
function programs(): Programs {
  return vscode.workspace.isTrusted ? 'allowed' : 'refused';
}
