/** Which tests a request for a run means. */
import type * as vscode from 'vscode';
import { chainOf } from './ids.ts';
import type { PlacedFile } from './tree.ts';

/** Told by ids, so that it holds for items that are made while the run goes on. */
export class Selection {
  /** Undefined: everything. */
  readonly #included: ReadonlySet<string> | undefined;
  /** What is included and what it stands below. */
  readonly #onTheWay: ReadonlySet<string>;
  readonly #excluded: ReadonlySet<string>;

  constructor({ include, exclude }: Pick<vscode.TestRunRequest, 'include' | 'exclude'>) {
    this.#included = include && new Set(include.map(({ id }) => id));
    this.#onTheWay = new Set(include?.flatMap(chainOf));
    this.#excluded = new Set(exclude?.map(({ id }) => id));
  }

  /** Whether an item and all that is below it is meant, but for what is excluded. */
  has(item: vscode.TestItem): boolean {
    const chain = chainOf(item);
    if (chain.some((id) => this.#excluded.has(id))) return false;
    return !this.#included || chain.some((id) => this.#included?.has(id));
  }

  /** Whether something in a file is meant. */
  touches({ item }: PlacedFile): boolean {
    const chain = chainOf(item);
    if (chain.some((id) => this.#excluded.has(id))) return false;
    if (!this.#included || this.#onTheWay.has(item.id)) return true;
    return chain.some((id) => this.#included?.has(id));
  }
}
