/** A line at the foot of a terminal that tells how far a long run is. */
import { abbreviate } from '../engine/format.ts';
import { escapeControls } from '../engine/escape.ts';
import { counted } from './tally.ts';

/** Milliseconds before a run is long enough to speak of. */
const patienceMs = 1000;
/** Milliseconds between two looks at it. */
const intervalMs = 100;
/** Columns of a terminal that does not say how many it has. */
const usualColumns = 80;

/** Goes to the start of the line and erases it (ECMA-48, EL). */
const eraseLine = '\r\u001b[2K';

/** What the line is written to: standard error, if it is a terminal. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export class Progress implements Disposable {
  readonly #terminal: Terminal;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #start = Date.now();
  #file = '';
  #files = 0;
  #calls = 0;
  #shown = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    if (terminal.isTTY === true) {
      this.#timer = setInterval(() => this.#show(), intervalMs);
      this.#timer.unref();
    }
  }

  file(name: string): void {
    this.#file = name;
    this.#files++;
  }

  call(): void {
    this.#calls++;
  }

  /** Takes the line away, so that something else can be written; it comes back by itself. */
  hide(): void {
    if (!this.#shown) return;
    this.#shown = false;
    this.#terminal.write(eraseLine);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.hide();
  }

  #show(): void {
    if (Date.now() - this.#start < patienceMs) return;
    const counts = `${counted(this.#files, 'file')}, ${counted(this.#calls, 'call')}`;
    const line = `${counts}: ${escapeControls(this.#file)}`;
    this.#shown = true;
    // Some terminals say that they have none.
    const { columns = 0 } = this.#terminal;
    this.#terminal.write(eraseLine + abbreviate(line, (columns > 0 ? columns : usualColumns) - 1));
  }
}
