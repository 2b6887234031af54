/** One annotation: the tags of a comment block, read into what a block needs. */
import {
  abis,
  factsOf,
  findArchitecture,
  type Abi,
  type Architecture,
} from '../model/architecture.ts';
import type { AssemblySyntax } from '../model/assembly.ts';
import type { Problem } from '../model/block.ts';
import type { Signature } from '../model/signature.ts';
import type { Span } from '../model/text.ts';
import { fitInteger, readLiteral } from './callLiteral.ts';
import type { CommentBlock } from './comments.ts';
import { Cursor, ReadError } from './cursor.ts';
import { problem } from './elements.ts';
import { dataModel, readSignature, type DataModel } from './signature.ts';
import type { Tag, TagName } from './tags.ts';

/** A value and where it is written. */
interface Placed<T> {
  readonly value: T;
  readonly span: Span;
}

export interface PatchTag {
  readonly offset: number;
  readonly offsetSpan: Span;
  readonly bits: 8 | 16 | 32 | 64;
  readonly value: bigint;
  readonly span: Span;
}

export interface AsmTag {
  readonly tag: Tag;
  /** Undefined where the text itself must tell. */
  readonly syntax: AssemblySyntax | undefined;
  /** Where assembly may begin in the comment's text. */
  readonly from: number;
}

/** Everything an annotation says but its calls. */
export interface Annotation {
  readonly kind: 'function' | 'fragment';
  readonly tag: Tag;
  readonly block: CommentBlock;
  readonly span: Span;
  readonly signature: Signature;
  readonly architecture: Placed<Architecture>;
  readonly abi: Placed<Abi> | undefined;
  readonly model: DataModel;
  readonly timeoutNs: bigint | undefined;
  readonly entry: Placed<number> | undefined;
  readonly dataFrom: Placed<number> | undefined;
  readonly patches: readonly PatchTag[];
  readonly bench: boolean;
  readonly asm: AsmTag | undefined;
  readonly calls: readonly Tag[];
  /** Whether a tag could not be read, so that nothing may run. */
  readonly broken: boolean;
}

export interface ScanOptions {
  /** Where no `@arch` says otherwise; default `x86_64`. */
  readonly defaultArchitecture?: Architecture;
  /** Whether C's `long` has 32 bits, as on Windows; default false. */
  readonly windows?: boolean;
}

const emptySignature: Signature = {
  name: undefined,
  parameters: [],
  result: { kind: 'integer', bits: 64, signed: true },
};

/** Reads the tags of a comment block that holds `@jit` or `@fragment`. */
export function readAnnotation(
  block: CommentBlock,
  main: Tag,
  tags: readonly Tag[],
  options: ScanOptions,
  problems: Problem[],
): Annotation {
  let broken = false;
  const attempt = <T>(tag: Tag, fallback: () => T, read: (cursor: Cursor) => T): T => {
    const cursor = new Cursor(
      block.text,
      tag.from,
      tag.to,
      tag.name === 'jit' ? 'bad-signature' : 'bad-tag',
    );
    try {
      return read(cursor);
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      problems.push(problem(error.span, error.code, error.message));
      broken = true;
      return fallback();
    }
  };
  // Most annotations have nothing but a signature and calls.
  const plain = tags.every((tag) => tag.name === 'jit' || tag.name === 'call');
  const single = (name: TagName): Tag | undefined => {
    if (plain) return undefined;
    const [first, ...others] = tags.filter((tag) => tag.name === name);
    for (const other of others)
      problems.push(problem(other.span, 'duplicate-tag', `a second @${name} in one annotation`));
    return first;
  };
  const nothingAfter = (cursor: Cursor): void => {
    if (!cursor.done)
      throw cursor.error('this does not belong to the tag; prose goes on a line of its own');
  };

  const archTag = single('arch');
  const architecture: Placed<Architecture> = archTag
    ? attempt<Placed<Architecture>>(
        archTag,
        () => ({ value: 'x86_64', span: archTag.span }),
        (cursor) => {
          const at = cursor.spanHere();
          const name = cursor.take(/^\S+/)?.[0];
          if (name === undefined) throw cursor.error('expected the name of an architecture');
          const found = findArchitecture(name);
          if (!found)
            throw cursor.error(`"${name}" is no architecture known here`, {
              ...at,
              end: at.start + name.length,
            });
          nothingAfter(cursor);
          return { value: found.name, span: archTag.span };
        },
      )
    : { value: options.defaultArchitecture ?? 'x86_64', span: main.span };

  const abiTag = single('abi');
  const abi = abiTag
    ? attempt<Placed<Abi> | undefined>(abiTag, nothing, (cursor) => {
        const at = cursor.spanHere();
        const name = cursor.take(/^\S+/)?.[0];
        const found = abis.find((entry) => entry === name?.toLowerCase());
        if (!found)
          throw cursor.error(
            `"${name ?? ''}" is no calling convention known here; expected one of ${abis.join(', ')}`,
            at,
          );
        nothingAfter(cursor);
        return { value: found, span: abiTag.span };
      })
    : undefined;

  const windows = abi ? abi.value === 'win64' : (options.windows ?? false);
  const model = dataModel(factsOf(architecture.value), windows);
  const signature =
    main.name === 'fragment'
      ? attempt<Signature>(
          main,
          () => emptySignature,
          (cursor) => {
            const name = cursor.take(/^[A-Za-z_$][\w$]*/)?.[0];
            nothingAfter(cursor);
            return { ...emptySignature, name };
          },
        )
      : attempt<Signature>(
          main,
          () => ({ ...emptySignature, name: nameIn(block, main) }),
          (cursor) => readSignature(cursor, model),
        );

  const timeoutTag = single('timeout');
  const timeoutNs = timeoutTag
    ? attempt<bigint | undefined>(timeoutTag, nothing, (cursor) => {
        const at = cursor.spanHere();
        const found = cursor.take(/^([0-9]+(?:\.[0-9]+)?)\s*(us|µs|ms|s)(?!\w)/);
        if (!found)
          throw cursor.error('expected a time with its unit, as in 50ms (us, ms or s)', at);
        nothingAfter(cursor);
        const scale = found[2] === 's' ? 1e9 : found[2] === 'ms' ? 1e6 : 1e3;
        const ns = Math.round(Number(found[1]) * scale);
        if (!(ns > 0) || ns > 3600e9)
          throw cursor.error('a time limit is more than zero and at most an hour', at);
        return BigInt(ns);
      })
    : undefined;

  const offsetOf = (tag: Tag | undefined): Placed<number> | undefined =>
    tag &&
    attempt<Placed<number> | undefined>(tag, nothing, (cursor) => {
      const result = readOffset(cursor);
      nothingAfter(cursor);
      return result;
    });
  const entry = offsetOf(single('entry'));
  const dataFrom = offsetOf(single('data'));

  const patches: PatchTag[] = [];
  for (const tag of tags) {
    if (tag.name !== 'patch') continue;
    const patch = attempt<PatchTag | undefined>(tag, nothing, (cursor) => {
      const result = readPatch(cursor, tag.span);
      nothingAfter(cursor);
      return result;
    });
    if (patch) patches.push(patch);
  }

  const benchTag = single('bench');
  if (benchTag) attempt(benchTag, nothing, nothingAfter);
  const asmTag = single('asm');
  const asm = asmTag
    ? attempt<AsmTag | undefined>(asmTag, nothing, (cursor) => {
        const syntax = cursor.take(/^(att|intel)(?!\S)/)?.[1];
        const known = syntax === 'att' || syntax === 'intel' ? syntax : undefined;
        return { tag: asmTag, syntax: known, from: cursor.at };
      })
    : undefined;
  const more = tags.find((tag) => tag.name === 'more');
  if (more)
    problems.push(
      problem(more.span, 'misplaced-tag', '@more belongs to a literal of its own, not to an @jit'),
    );

  const calls = tags.filter((tag) => tag.name === 'call');
  const last = tags.reduce(
    (end, tag) => Math.max(end, block.text.span(tag.from, tag.to).end, tag.span.end),
    main.span.end,
  );
  const firstStart = tags.reduce((start, tag) => Math.min(start, tag.span.start), main.span.start);
  return {
    kind: main.name === 'fragment' ? 'fragment' : 'function',
    tag: main,
    block,
    span: { start: firstStart, end: last },
    signature,
    architecture,
    abi,
    model,
    timeoutNs,
    entry,
    dataFrom,
    patches,
    bench: benchTag !== undefined,
    asm,
    calls,
    broken,
  };
}

const nothing = (): undefined => undefined;

/** The function's name in a signature that could not be read. */
function nameIn(block: CommentBlock, tag: Tag): string | undefined {
  const name = /([A-Za-z_$][\w$]*)\s*\(/.exec(block.text.text.slice(tag.from, tag.to))?.[1];
  return name === 'fn' ? undefined : name;
}

function readOffset(cursor: Cursor): Placed<number> {
  const at = cursor.spanHere();
  cursor.skipBlank();
  const start = cursor.at;
  const digits = cursor.take(/^\+?\s*(0x[0-9a-f]+|[0-9]+)(?!\w)/i)?.[1];
  if (digits === undefined) throw cursor.error('expected an offset, as in +0x34', at);
  return { value: Number(digits), span: cursor.spanSince(start) };
}

/** `+2 = u64 0x1122`. */
function readPatch(cursor: Cursor, tag: Span): PatchTag {
  const offset = readOffset(cursor);
  cursor.expect('=', 'after the offset');
  const typeAt = cursor.spanHere();
  const type = cursor.take(/^([iu])(8|16|32|64)(?!\w)/);
  const float = type ? undefined : cursor.take(/^f(32|64)(?!\w)/);
  if (!type && !float) throw cursor.error('expected the type of the value, as in u64', typeAt);
  const bits = Number(type?.[2] ?? float?.[1]) as 8 | 16 | 32 | 64;
  const literal = readLiteral(cursor);
  const span = { start: tag.start, end: literal.span.end };
  const place = { offset: offset.value, offsetSpan: offset.span, bits, span };
  if (float) {
    if (literal.kind !== 'float' && literal.kind !== 'integer')
      throw cursor.error('expected a number', literal.span);
    const view = new DataView(new ArrayBuffer(8));
    if (bits === 32) view.setFloat32(4, Number(literal.value));
    else view.setFloat64(0, Number(literal.value));
    return { ...place, value: view.getBigUint64(0) };
  }
  if (literal.kind !== 'integer') throw cursor.error('expected an integer', literal.span);
  const value = fitInteger(literal, { kind: 'integer', bits, signed: type?.[1] === 'i' }, true);
  if (value === undefined)
    throw cursor.error(`${literal.text} is out of the range of ${type?.[0]}`, literal.span);
  return { ...place, value: BigInt.asUintN(bits, value) };
}
