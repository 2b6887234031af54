/** Finds the files below a folder that hold annotations. */
import type { Dirent } from 'node:fs';
import { access, lstat, open, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import ignore from 'ignore';

/** A file with an annotation, or a file or folder that could not be read. */
export type FoundFile =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'unreadable'; readonly path: string; readonly error: unknown };

/** Larger files are passed over, in bytes. */
export const maxFileBytes = 16 << 20;

/** A NUL among so many first bytes makes a file binary, as it does for git. */
const binaryCheckBytes = 8 << 10;

const neverEntered: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/**
 * Walks a folder and yields, in the order of their paths by code units, the files that hold `@jit` or `@fragment`.
 * Passed over are `.git`, `node_modules`, what a `.gitignore` says (those below the folder, and those above it up to the
 * root of its repository), binary files, files over {@link maxFileBytes}, and symbolic links: what they lead to is either
 * found by its own path or lies outside the folder.
 *
 * @param folder its path, which begins every path that is yielded
 * @param entering told of every folder before it is read
 * @throws the signal's reason when it is aborted
 */
export async function* findFiles(
  folder: string,
  signal: AbortSignal,
  entering: (folder: string) => void = () => undefined,
): AsyncGenerator<FoundFile, void, undefined> {
  const walking = { signal, entering, excluded: nothing };
  yield* walk(folder, await rulesAbove(path.resolve(folder)), walking);
}

/**
 * Yields what {@link findFiles} yields of a folder at or below one place in it: of a file, itself; of a folder, those below it;
 * where there is nothing, nothing.
 * @param excluded whether a path is passed over with all below it, whatever `.gitignore` says
 * @throws the signal's reason when it is aborted
 */
export async function* findFilesAt(
  folder: string,
  place: string,
  signal: AbortSignal,
  excluded: (found: string) => boolean = nothing,
): AsyncGenerator<FoundFile, void, undefined> {
  const walking = { signal, entering: () => undefined, excluded };
  let rules = await rulesAbove(path.resolve(folder));
  const relative = path.relative(folder, place);
  const parts = relative === '' ? [] : relative.split(path.sep);
  if (parts[0] === '..' || path.isAbsolute(relative)) return;
  let at = folder;
  for (const part of parts) {
    rules = [...rules, ...(await rulesIn(at))];
    at = path.join(at, part);
    const kind = await kindOf(at);
    if (kind === 'file') {
      if (at === path.join(folder, relative)) yield* file(at, rules, walking);
      return;
    }
    if (kind !== 'folder' || isPassedOver(at, rules, walking)) return;
  }
  yield* walk(at, rules, walking);
}

/** What a walk minds. */
interface Walking {
  readonly signal: AbortSignal;
  readonly entering: (folder: string) => void;
  readonly excluded: (found: string) => boolean;
}

function nothing(): boolean {
  return false;
}

async function* walk(
  folder: string,
  outer: readonly IgnoreRules[],
  walking: Walking,
): AsyncGenerator<FoundFile, void, undefined> {
  walking.signal.throwIfAborted();
  walking.entering(folder);
  let entries: Dirent[];
  let rules: readonly IgnoreRules[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
    rules = await withRulesOf(folder, entries, outer);
  } catch (error) {
    yield { kind: 'unreadable', path: folder, error };
    return;
  }
  for (const entry of entries.sort(byPath)) {
    const found = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!isPassedOver(found, rules, walking)) yield* walk(found, rules, walking);
    } else if (entry.isFile()) yield* file(found, rules, walking);
  }
}

/** Whether a folder is not entered. */
function isPassedOver(folder: string, rules: readonly IgnoreRules[], walking: Walking): boolean {
  if (neverEntered.has(path.basename(folder))) return true;
  return walking.excluded(folder) || isIgnored(rules, `${folder}${path.sep}`);
}

async function* file(
  found: string,
  rules: readonly IgnoreRules[],
  { signal, excluded }: Walking,
): AsyncGenerator<FoundFile, void, undefined> {
  if (excluded(found) || isIgnored(rules, found)) return;
  signal.throwIfAborted();
  try {
    if (await holdsAnnotation(found)) yield { kind: 'file', path: found };
  } catch (error) {
    // Files that come and go, such as an editor's temporary ones, are no errors.
    if (!isMissing(error)) yield { kind: 'unreadable', path: found, error };
  }
}

/** The order of whole paths: a folder's name counts with the separator that follows it. */
function byPath(a: Dirent, b: Dirent): number {
  const left = a.isDirectory() ? `${a.name}/` : a.name;
  const right = b.isDirectory() ? `${b.name}/` : b.name;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether a file is a text of ours. Decides by its bytes, so that it holds for text in any ASCII-like encoding. */
async function holdsAnnotation(file: string): Promise<boolean> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  if (size > maxFileBytes) return false;
  const head = Buffer.alloc(Math.min(size, binaryCheckBytes));
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  const utf16 = utf16Order(head);
  if (!utf16 && head.subarray(0, bytesRead).includes(0)) return false;
  const bytes = await readFile(handle);
  if (utf16 === 'big') bytes.subarray(0, bytes.length & ~1).swap16();
  return /@(?:jit|fragment)\b/.test(bytes.toString(utf16 ? 'utf16le' : 'latin1'));
}

function utf16Order(head: Buffer): 'little' | 'big' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'little';
  return head[0] === 0xfe && head[1] === 0xff ? 'big' : undefined;
}

/** The rules of one `.gitignore`. */
interface IgnoreRules {
  /** Where it stands. */
  readonly folder: string;
  readonly matcher: ignore.Ignore;
}

const ignoreFile = '.gitignore';

async function readRules(folder: string): Promise<IgnoreRules> {
  const text = await readFile(path.join(folder, ignoreFile), 'utf8');
  // Git's own default: file names have no case on Windows and macOS.
  const ignoreCase = process.platform === 'win32' || process.platform === 'darwin';
  return { folder, matcher: ignore({ ignoreCase }).add(text) };
}

async function withRulesOf(
  folder: string,
  entries: readonly Dirent[],
  outer: readonly IgnoreRules[],
): Promise<readonly IgnoreRules[]> {
  if (!entries.some((entry) => entry.name === ignoreFile && entry.isFile())) return outer;
  return [...outer, await readRules(folder)];
}

/** The rules that stand in a folder, if there are any that can be read. */
async function rulesIn(folder: string): Promise<readonly IgnoreRules[]> {
  try {
    return [await readRules(folder)];
  } catch {
    // Most folders have none.
    return [];
  }
}

/** The rules above a folder in its repository, outermost first; none outside one, or if they ignore the folder itself. */
async function rulesAbove(folder: string): Promise<readonly IgnoreRules[]> {
  const found: IgnoreRules[] = [];
  for (let at = folder; !(await exists(path.join(at, '.git')));) {
    const parent = path.dirname(at);
    if (parent === at) return [];
    at = parent;
    found.unshift(...(await rulesIn(at)));
  }
  return isIgnored(found, `${folder}${path.sep}`) ? [] : found;
}

/** The innermost `.gitignore` that says something of a path decides. A folder's path ends with a separator. */
function isIgnored(rules: readonly IgnoreRules[], found: string): boolean {
  for (const { folder, matcher } of rules.toReversed()) {
    const relative = path.relative(folder, found).split(path.sep).join('/');
    const { ignored, unignored } = matcher.test(/[\\/]$/.test(found) ? `${relative}/` : relative);
    if (ignored || unignored) return ignored;
  }
  return false;
}

/** What stands at a path; a symbolic link is neither. */
async function kindOf(name: string): Promise<'folder' | 'file' | undefined> {
  try {
    const found = await lstat(name);
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : undefined;
  } catch {
    return undefined;
  }
}

async function exists(name: string): Promise<boolean> {
  try {
    await access(name);
    return true;
  } catch {
    return false;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
