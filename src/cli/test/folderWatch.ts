/** Tells which files below some folders have changed. */
import { watch, type FSWatcher } from 'node:fs';
import path from 'node:path';
import { onAbort } from '../../jit/abort.ts';

/** Milliseconds without a further change after which a burst of them, as editors and compilers make them, is over. */
const quietMs = 100;

/** A set of changes that tells of each path whether it is among them. */
export type Changed = (file: string) => boolean;

export class FolderWatch implements Disposable {
  readonly #watchers = new Map<string, FSWatcher>();
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;

  /** Watches a folder, but not those in it. Throws the system's error where that cannot be had. */
  add(folder: string): void {
    const full = path.resolve(folder);
    if (this.#watchers.has(full)) return;
    const watcher = watch(full, (_event, name) => {
      this.#note(name === null ? full : path.join(full, name));
    });
    // A folder that goes away; its parent tells of what comes in its place.
    watcher.on('error', () => this.#drop(full));
    this.#watchers.set(full, watcher);
  }

  /** Waits for changes since the last time. Gives undefined when the signal is aborted. */
  async next(signal: AbortSignal): Promise<Changed | undefined> {
    const isQuiet = this.#timer === undefined;
    if (!(this.#changed.size > 0 && isQuiet) && !signal.aborted) await this.#quiet(signal);
    if (signal.aborted) return undefined;
    const changed = this.#changed;
    this.#changed = new Set();
    return (file) => {
      // Of a folder that is new only the folder itself is known.
      for (let at = path.resolve(file); ; at = path.dirname(at)) {
        if (changed.has(at)) return true;
        if (at === path.dirname(at)) return false;
      }
    };
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const folder of this.#watchers.keys()) this.#drop(folder);
  }

  /** Waits for the end of a burst, or for the signal. */
  #quiet(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const stopListening = onAbort(signal, resolve);
      this.#wake = () => {
        stopListening();
        resolve();
      };
    });
  }

  #note(changed: string): void {
    this.#changed.add(changed);
    // It may be another folder now than the one that is watched.
    this.#drop(changed);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#wake?.();
      this.#wake = undefined;
    }, quietMs);
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
