/** The scanner: from a text to the blocks in it. Pure, never throws, linear in the text. */
import { factsOf } from '../model/architecture.ts';
import type { AssemblyText, Call, JitBlock, Patch, Problem, ScanResult } from '../model/block.ts';
import { limits } from '../model/run.ts';
import { LineIndex, type Span } from '../model/text.ts';
import { readAnnotation, type Annotation, type ScanOptions } from './annotation.ts';
import { readAssembly, type WrittenAssembly } from './assembly.ts';
import { readCall } from './call.ts';
import { commentBlocks, type CommentBlock } from './comments.ts';
import { Cursor, ReadError } from './cursor.ts';
import { problem, toBytes, type Literal } from './elements.ts';
import { languageOf, type Language } from './languages.ts';
import { firstMarkAt, hasComma, lex, type Marks } from './lexer.ts';
import { type AnnotationPlace, LiteralReader } from './literals.ts';
import { isMarkdown, markdownFences } from './markdown.ts';
import { readTags, type Tag } from './tags.ts';

export type { ScanOptions } from './annotation.ts';

/** Texts without one of these hold no block and have no problem. */
export const anyTag = /@(?:jit|fragment|call|more)\b/;

/**
 * Finds the annotated byte literals of a text.
 * @param languageId VS Code's language identifier; an unknown one is read by common comment signs
 */
export function findJitBlocks(
  source: string,
  languageId: string,
  options: ScanOptions = {},
): ScanResult {
  const blocks: JitBlock[] = [];
  const problems: Problem[] = [];
  let seams: readonly number[] = [];
  const text = anyTag.test(source) ? withoutLoneReturns(source) : '';
  if (text !== '') {
    if (isMarkdown(languageId)) {
      for (const { span, language } of markdownFences(text)) {
        if (!anyTag.test(text.slice(span.start, span.end))) continue;
        scanPart(text, span, language, options, blocks, problems);
      }
    } else {
      const whole = { start: 0, end: text.length };
      ({ seams } = scanPart(text, whole, languageOf(languageId), options, blocks, problems));
    }
    problems.sort((a, b) => a.span.start - b.span.start);
  }
  let lines: LineIndex | undefined;
  return {
    blocks,
    problems,
    seams,
    get lines() {
      lines ??= new LineIndex(source);
      return lines;
    },
  };
}

/** What a part of a text gives, read on its own. */
export interface ScannedPart {
  readonly blocks: readonly JitBlock[];
  readonly problems: readonly Problem[];
  readonly seams: readonly number[];
  readonly marks: Marks;
}

/** Reads a part of a text that begins at a seam (or with the text), in a language other than Markdown. */
export function scanSegment(
  text: string,
  span: Span,
  languageId: string,
  options: ScanOptions,
): ScannedPart {
  const blocks: JitBlock[] = [];
  const problems: Problem[] = [];
  const whole = withoutLoneReturns(text);
  const found = scanPart(whole, span, languageOf(languageId), options, blocks, problems);
  problems.sort((a, b) => a.span.start - b.span.start);
  return { blocks, problems, ...found };
}

/** A carriage return alone ends a line too; the scanner need not know. Places stay as they are. */
function withoutLoneReturns(text: string): string {
  return /\r(?!\n)/.test(text) ? text.replace(/\r(?!\n)/g, '\n') : text;
}

/** Blocks back from a `@call` of its own among which its block is looked for. */
const nearestDrafts = 8;

/** An annotation with its literals, before it is a block. */
interface Draft {
  readonly annotation: Annotation;
  readonly literals: Literal[];
  /** What stands in their place with `@asm`. */
  readonly assembly: WrittenAssembly | undefined;
  readonly calls: { readonly tag: Tag; readonly block: CommentBlock }[];
  readonly problems: Problem[];
}

/** A comment block with tags. */
interface TaggedComment {
  readonly block: CommentBlock;
  readonly tags: readonly Tag[];
  readonly misspelt: readonly Problem[];
  /** The `@jit` or `@fragment` that counts. */
  readonly main: Tag | undefined;
  /** Whether a literal belongs to it, so that a search before it ends here. */
  readonly begins: boolean;
}

function scanPart(
  whole: string,
  span: Span,
  language: Language,
  options: ScanOptions,
  blocks: JitBlock[],
  problems: Problem[],
): Pick<ScannedPart, 'seams' | 'marks'> {
  // Nothing is looked for past the end of the part.
  const text = whole.slice(0, span.end);
  const marks = lex(text, language, span.start);
  const seams = new PartScanner(text, span, language, marks, options).scan(blocks, problems);
  return { seams, marks };
}

class PartScanner {
  readonly #text: string;
  readonly #span: Span;
  readonly #language: Language;
  readonly #marks: Marks;
  readonly #options: ScanOptions;
  readonly #literals: LiteralReader;
  readonly #drafts: Draft[] = [];
  readonly #named = new Map<string, Draft>();
  readonly #problems: Problem[] = [];

  constructor(text: string, span: Span, language: Language, marks: Marks, options: ScanOptions) {
    this.#text = text;
    this.#span = span;
    this.#language = language;
    this.#marks = marks;
    this.#options = options;
    this.#literals = new LiteralReader(text, marks, language);
  }

  /** Adds what it finds, and returns the seams. */
  scan(blocks: JitBlock[], problems: Problem[]): readonly number[] {
    // Later comments can add to earlier blocks only by name; otherwise a block is done at the next.
    const named = this.#text.slice(this.#span.start).includes('@more');
    const seams: number[] = [];
    let previous = this.#span.start;
    const finishAll = (): void => {
      for (const draft of this.#drafts) blocks.push(this.#finish(draft));
      this.#drafts.length = 0;
    };
    for (const { comment, limit } of this.#comments()) {
      const { block, tags, main } = comment;
      if (main) {
        if (!named) {
          const seam = this.#seamAt(block);
          if (seam !== undefined) seams.push(seam);
          finishAll();
        }
        for (const entry of comment.misspelt) this.#problems.push(entry);
        this.#addBlock(block, tags, main, previous, limit);
        previous = block.span.end;
      } else if (comment.begins) {
        this.#addMore(block, tags, previous, limit);
        previous = block.span.end;
      } else {
        this.#addLooseCalls(block, tags);
      }
    }
    finishAll();
    for (const entry of this.#problems) problems.push(entry);
    return seams;
  }

  /** The start of a comment block's line, if all before it is read to its end there. */
  #seamAt({ span }: CommentBlock): number | undefined {
    const before = this.#drafts.at(-1);
    if (before && !before.annotation.asm && before.literals.length === 0) return undefined;
    if (before?.literals.some((literal) => literal.span.end > span.start)) return undefined;
    const lineStart = this.#text.lastIndexOf('\n', span.start - 1) + 1;
    if (lineStart < this.#span.start) return undefined;
    if (!/^[^\S\n]*$/.test(this.#text.slice(lineStart, span.start))) return undefined;
    // What stands in a list might belong to it.
    const { inside, separators } = this.#marks;
    const around = inside[firstMarkAt(this.#marks, span.start)] ?? -1;
    if (around < 0) return lineStart;
    // A list of one element has no separator at all.
    const between = separators[around] ?? 0;
    return between === 0 || (between & hasComma) !== 0 ? undefined : lineStart;
  }

  /** The comments with tags, each with the place where the next annotation begins. */
  *#comments(): Generator<{ comment: TaggedComment; limit: number }, void, undefined> {
    let waiting: TaggedComment[] = [];
    for (const block of commentBlocks(this.#text, this.#marks, this.#language)) {
      const { tags, misspelt } = readTags(block);
      if (tags.length === 0) continue;
      const main = this.#mainTag(block, tags);
      const begins = main !== undefined || tags.some((tag) => tag.name === 'more');
      if (begins) {
        for (const comment of waiting) yield { comment, limit: block.span.start };
        waiting = [];
      }
      waiting.push({ block, tags, misspelt, main, begins });
    }
    for (const comment of waiting) yield { comment, limit: this.#span.end };
  }

  /** The `@jit` or `@fragment` that counts, or undefined. */
  #mainTag(block: CommentBlock, tags: readonly Tag[]): Tag | undefined {
    const others = tags.some((tag) => tag.name !== 'jit');
    const candidates = tags.filter(
      (tag) => tag.name === 'fragment' || (tag.name === 'jit' && this.#isOurs(block, tag, others)),
    );
    const main = candidates[0];
    if (!main) return undefined;
    for (const other of candidates.slice(1)) {
      this.#problems.push(
        problem(
          other.span,
          'duplicate-tag',
          `a second @${other.name} in one annotation; leave a blank line between two`,
        ),
      );
    }
    return main;
  }

  /** In a language with a decorator of that name, only a signature makes a lone `@jit` ours. */
  #isOurs(block: CommentBlock, tag: Tag, hasOthers: boolean): boolean {
    if (!this.#language.hasJitDecorator) return true;
    const body = block.text.text.slice(tag.from, tag.to);
    // `@jit(nopython=True)`.
    if (/^\s*\(\s*\w+\s*=/.test(body)) return false;
    return (
      hasOthers || body.includes('->') || /^\s*[A-Za-z_][\w\s*]*[\s*][A-Za-z_]\w*\s*\(/.test(body)
    );
  }

  #addBlock(
    block: CommentBlock,
    tags: readonly Tag[],
    main: Tag,
    previous: number,
    limit: number,
  ): void {
    const problems: Problem[] = [];
    const ownTags = tags.filter(
      (tag) => tag === main || (tag.name !== 'jit' && tag.name !== 'fragment'),
    );
    const annotation = readAnnotation(block, main, ownTags, this.#options, problems);
    const literals: Literal[] = [];
    let assembly: WrittenAssembly | undefined;
    if (annotation.asm) {
      const place = this.#placeOf(block, main, previous, limit);
      const parts = { text: this.#text, marks: this.#marks, language: this.#language };
      assembly = readAssembly(parts, block, annotation.asm, tags, place, problems);
    } else {
      const literal = this.#find(block, main, previous, limit, annotation, problems, '@jit');
      if (literal) literals.push(literal);
    }
    const draft = {
      annotation,
      literals,
      assembly,
      calls: annotation.calls.map((tag) => ({ tag, block })),
      problems,
    };
    this.#drafts.push(draft);
    const { name } = annotation.signature;
    if (name !== undefined) this.#named.set(name, draft);
  }

  #find(
    block: CommentBlock,
    tag: Tag,
    previous: number,
    limit: number,
    annotation: Annotation,
    problems: Problem[],
    name: string,
  ): Literal | undefined {
    const search = this.#literals.find(
      this.#placeOf(block, tag, previous, limit),
      factsOf(annotation.architecture.value),
    );
    if (search.found) return search.found;
    problems.push(
      search.problem ?? problem(tag.span, 'no-literal', `no byte array follows this ${name}`),
    );
    return undefined;
  }

  #placeOf(block: CommentBlock, tag: Tag, previous: number, limit: number): AnnotationPlace {
    const comment = block.comments.find(
      ({ start, end }) => start <= tag.span.start && tag.span.start < end,
    );
    const commentStart = comment?.start ?? tag.span.start;
    // A line is looked at only back to the annotation before, so that a long line costs linear time.
    const before = this.#text.slice(previous, commentStart);
    const lineStart = previous + before.lastIndexOf('\n') + 1;
    return {
      line: { start: lineStart, end: commentStart },
      after: block.span.end,
      limit,
      previous,
    };
  }

  #addMore(block: CommentBlock, tags: readonly Tag[], previous: number, limit: number): void {
    const tag = tags.find((entry) => entry.name === 'more');
    if (!tag) return;
    const cursor = new Cursor(block.text, tag.from, tag.to, 'bad-tag');
    const nameSpan = cursor.spanHere();
    const name = cursor.take(/^[A-Za-z_$][\w$]*/)?.[0];
    const draft = name === undefined ? this.#drafts.at(-1) : this.#named.get(name);
    if (!draft) {
      this.#problems.push(
        name === undefined
          ? problem(
              tag.span,
              'misplaced-tag',
              '@more continues an @jit, and there is none before it',
            )
          : problem(
              { start: nameSpan.start, end: nameSpan.start + name.length },
              'bad-tag',
              `there is no block "${name}" before this`,
            ),
      );
      return;
    }
    if (draft.annotation.asm) {
      this.#problems.push(
        problem(tag.span, 'misplaced-tag', '@more continues bytes, and @asm has none'),
      );
      return;
    }
    if (!cursor.done) {
      const error = cursor.error(
        'this does not belong to the tag; prose goes on a line of its own',
      );
      draft.problems.push(problem(error.span, error.code, error.message));
    }
    const literal = this.#find(
      block,
      tag,
      previous,
      limit,
      draft.annotation,
      draft.problems,
      '@more',
    );
    if (literal) draft.literals.push(literal);
    for (const call of tags) if (call.name === 'call') draft.calls.push({ tag: call, block });
  }

  /** Calls in comments without `@jit`: inside a block's literal or directly after it. */
  #addLooseCalls(block: CommentBlock, tags: readonly Tag[]): void {
    const calls = tags.filter((tag) => tag.name === 'call');
    if (calls.length === 0) return;
    const draft = this.#drafts.slice(-nearestDrafts).findLast(({ literals, assembly }) =>
      [...literals, ...(assembly ? [assembly] : [])].some(({ span }) => {
        if (span.start <= block.span.start && block.span.start < span.end) return true;
        const between = this.#text.slice(span.end, Math.min(block.span.start, span.end + 200));
        return (
          span.end <= block.span.start &&
          block.span.start - span.end < 200 &&
          /^[\s;,)\]}]*$/.test(between) &&
          !/\n[^\S\n]*\r?\n/.test(between)
        );
      }),
    );
    for (const tag of calls) {
      if (draft) draft.calls.push({ tag, block });
      else if (/^\s*(?:[\w$]+\s*)?\(/.test(block.text.text.slice(tag.from, tag.to))) {
        this.#problems.push(
          problem(
            tag.span,
            'misplaced-tag',
            'this @call belongs to no @jit: a blank line or code stands between',
          ),
        );
      }
    }
  }

  #finish(draft: Draft): JitBlock {
    const { annotation, literals, problems } = draft;
    const facts = factsOf(annotation.architecture.value);
    const { bytes, spans, problems: byteProblems } = toBytes(literals, facts);
    for (const literal of literals) problems.push(...literal.problems);
    problems.push(...byteProblems);
    if (literals.length > 0 && bytes.length === 0 && problems.length === 0) {
      problems.push(
        problem(literals[0]?.span ?? annotation.tag.span, 'no-literal', 'this array has no bytes'),
      );
    }
    const written = draft.assembly;
    // Of text nobody knows yet how many bytes it becomes.
    const length = annotation.asm ? Infinity : bytes.length;
    const readWhole =
      length > 0 && !annotation.broken && problems.every(({ code }) => code === 'duplicate-tag');
    const patches = this.#patches(annotation, length, problems, readWhole);
    const offset = (
      placed: { readonly value: number; readonly span: Span } | undefined,
    ): number | undefined => {
      if (placed && readWhole && placed.value >= length) {
        problems.push(problem(placed.span, 'bad-tag', `the block has only ${bytes.length} bytes`));
      }
      return placed?.value;
    };
    const entry = offset(annotation.entry);
    const dataFrom = offset(annotation.dataFrom);
    const calls = this.#calls(draft, problems);
    const blockBroken =
      annotation.broken ||
      length === 0 ||
      (annotation.asm !== undefined && written === undefined) ||
      problems.some(({ code }) => !isCallProblem.has(code));
    for (const entry of problems) this.#problems.push(entry);
    const anchor = (written ?? literals[0])?.span ?? {
      start: annotation.span.end,
      end: annotation.span.end,
    };
    return {
      kind: annotation.kind,
      tag: annotation.tag.span,
      annotation: annotation.span,
      name: annotation.signature.name,
      signature: annotation.signature,
      architecture: annotation.architecture.value,
      architectureSpan: annotation.architecture.span,
      abi: annotation.abi?.value,
      abiSpan: annotation.abi?.span,
      bytes,
      byteSpans: spans,
      literal: anchor,
      entry: entry ?? 0,
      patches,
      dataFrom,
      timeoutNs: annotation.timeoutNs,
      bench: annotation.bench,
      calls,
      refused: undefined,
      comments: literals.flatMap((literal) => literal.comments),
      broken: blockBroken,
      ...(written && { assembly: assemblyOf(written, annotation) }),
    };
  }

  #patches(
    annotation: Annotation,
    length: number,
    problems: Problem[],
    readWhole: boolean,
  ): Patch[] {
    const bigEndian = factsOf(annotation.architecture.value).bigEndian;
    return annotation.patches.flatMap((patch) => {
      const size = patch.bits / 8;
      if (patch.offset + size > length) {
        if (readWhole) {
          problems.push(
            problem(
              patch.offsetSpan,
              'bad-tag',
              `${size} bytes at +${patch.offset} reach past the end of the ${length} bytes`,
            ),
          );
        }
        return [];
      }
      const bytes = new Uint8Array(size);
      for (let n = 0; n < size; n++) {
        bytes[bigEndian ? size - 1 - n : n] = Number((patch.value >> BigInt(8 * n)) & 0xffn);
      }
      return [{ offset: patch.offset, bytes, span: patch.span }];
    });
  }

  #calls(draft: Draft, problems: Problem[]): Call[] {
    const { annotation } = draft;
    const { signature, kind, model } = annotation;
    const calls: Call[] = [];
    for (const { tag, block } of draft.calls) {
      if (calls.length >= limits.callsPerBlock) {
        problems.push(
          problem(tag.span, 'bad-call', `more than ${limits.callsPerBlock} calls of one block`),
        );
        break;
      }
      if (annotation.broken) break;
      const cursor = new Cursor(block.text, tag.from, tag.to, 'bad-call');
      try {
        const { architecture } = annotation;
        calls.push(
          readCall(cursor, tag.span, {
            kind,
            signature,
            architecture: architecture.value,
            pointerBits: model.pointerBits,
            problems,
          }),
        );
      } catch (error) {
        if (!(error instanceof ReadError)) throw error;
        problems.push(problem(error.span, error.code, error.message));
        calls.push(brokenCall(tag.span, block.text.span(tag.from, tag.to)));
      }
    }
    if (draft.calls.length === 0 && signature.parameters.length === 0 && kind === 'function') {
      calls.push({
        ...brokenCall(annotation.tag.span, annotation.tag.span),
        implied: true,
        broken: false,
      });
    }
    return calls;
  }
}

/** The text with what its annotation says of the bytes that it will be. */
function assemblyOf(written: WrittenAssembly, annotation: Annotation): AssemblyText {
  const { text, syntax, offsets, tag } = written;
  const { patches, entry, dataFrom } = annotation;
  const starts = [entry, dataFrom].flatMap((placed) =>
    placed ? [{ offset: placed.value, size: 1, span: placed.span }] : [],
  );
  const reaches = patches.map(({ offset, bits, offsetSpan }) => ({
    offset,
    size: bits / 8,
    span: offsetSpan,
  }));
  return { text, syntax, offsets, tag, reaches: [...starts, ...reaches] };
}

/** Problems that keep one call from running, but not its block. */
const isCallProblem: ReadonlySet<string> = new Set([
  'bad-call',
  'bad-argument',
  'bad-expectation',
  'unknown-tag',
  'duplicate-tag',
]);

function brokenCall(tag: Span, body: Span): Call {
  return {
    span: { start: tag.start, end: Math.max(tag.end, body.end) },
    tag,
    implied: false,
    arguments: [],
    registers: [],
    expectation: undefined,
    broken: true,
  };
}
