/** What may be written at a place of an annotation. Pure: the words of explanation belong to the editor. */
import { abis, architectures, type Architecture } from '../model/architecture.ts';
import { isRegister } from '../source/registers.ts';
import type { AnnotationShape, CallShape, CommentPlace } from '../source/annotationPlace.ts';
import { tagNames, type TagName } from '../source/tags.ts';
import { typeNames, type Spelling } from './annotationTypes.ts';
import { callTemplate, expectationsOf, valuesOf } from './annotationValues.ts';
import { formatType, parameterName } from '../model/signature.ts';

/** What a suggestion is, for its icon and its explanation. */
export type SuggestionKind =
  'tag' | 'name' | 'type' | 'value' | 'outcome' | 'register' | 'signature' | 'operator';

export interface Suggestion {
  readonly kind: SuggestionKind;
  /** As it is shown, and what typing filters by. */
  readonly label: string;
  /** What is written: a snippet with `${1:…}`, `$0` and their escapes. */
  readonly snippet: string;
  /** Short and not in any language: a type, a parameter, other names. */
  readonly detail?: string;
  /** Whether what was written is followed by something that has suggestions too. */
  readonly goesOn?: boolean;
}

export interface Suggestions {
  /** How many characters before the place are the beginning of what is suggested. */
  readonly typed: number;
  readonly items: readonly Suggestion[];
}

/** A text as it stands in a snippet. */
export function snippetText(text: string): string {
  return text.replaceAll(/[\\$}]/g, String.raw`\$&`);
}

function plain(kind: SuggestionKind, label: string, detail?: string): Suggestion {
  const snippet = snippetText(label);
  return detail === undefined ? { kind, label, snippet } : { kind, label, snippet, detail };
}

/**
 * What may be written at a place.
 * @param asked whether the user asked for it; else only what disturbs nobody is suggested
 * @param around the annotation that a comment without `@jit` belongs to, if one is known
 */
export function suggestionsAt(
  place: CommentPlace,
  asked: boolean,
  around: CallShape | undefined,
): Suggestions | undefined {
  const { annotation, lineBefore, tag } = place;
  const started = /(?:^|\s)(@[A-Za-z]*)$/.exec(lineBefore)?.[1];
  if (started !== undefined) return tagSuggestions(place, started, asked, around);
  if (!tag || tag.inName) return undefined;
  const { name, before } = tag;
  switch (name) {
    case 'jit':
      return signatureSuggestions(before, annotation);
    case 'call':
      return callSuggestions(before, annotation ?? around, asked);
    case 'arch':
      return firstWord(before, () =>
        architectures.map((entry) => plain('name', entry.name, entry.aliases.join(', '))),
      );
    case 'abi':
      return firstWord(before, () => abis.map((entry) => plain('name', entry)));
    case 'asm':
      return firstWord(before, () => ['intel', 'att'].map((entry) => plain('name', entry)));
    case 'timeout':
      return firstWord(before, () =>
        ['100us', '10ms', '100ms', '1s'].map((time) => plain('value', time)),
      );
    case 'patch':
      return patchSuggestions(before);
    case 'entry':
    case 'data':
      return firstWord(before, () => [{ kind: 'value', label: '+0x10', snippet: '+0x${1:10}' }]);
    default:
      return undefined;
  }
}

/** Tags that have nothing after them, and those that have something with suggestions. */
const bare: ReadonlySet<TagName> = new Set(['bench', 'more', 'fragment']);
const repeatable: ReadonlySet<TagName> = new Set(['call', 'patch']);

function tagSuggestions(
  { tags, lineBefore, tag }: CommentPlace,
  typed: string,
  asked: boolean,
  around: CallShape | undefined,
): Suggestions | undefined {
  const ours = tags.some((name) => name === 'jit' || name === 'fragment' || name === 'more');
  const leads = lineBefore.slice(0, -typed.length).trim() === '';
  // After prose a tag is none; inside brackets another cannot begin.
  if (!leads && (!tag || depthOf(tag.before) > 0)) return undefined;
  const started = tags.filter((name) => typed !== `@${name}`);
  const wanted = tagNames.filter((name) => {
    if (ours)
      return repeatable.has(name) || !['jit', 'fragment', 'more', ...started].includes(name);
    if (name === 'jit' || name === 'fragment') return true;
    if (name === 'call') return around !== undefined || asked;
    return name === 'more' && asked;
  });
  return {
    typed: typed.length,
    items: wanted.map((name) =>
      bare.has(name)
        ? { kind: 'tag', label: `@${name}`, snippet: `@${name}` }
        : { kind: 'tag', label: `@${name}`, snippet: `@${name} `, goesOn: true },
    ),
  };
}

/** Suggestions for the only word after a tag. */
function firstWord(before: string, items: () => readonly Suggestion[]): Suggestions | undefined {
  const typed = /^\s+(\S*)$/.exec(before)?.[1];
  return typed === undefined ? undefined : { typed: typed.length, items: items() };
}

const patchTypes = ['u8', 'u16', 'u32', 'u64', 'i8', 'i16', 'i32', 'i64', 'f32', 'f64'];

function patchSuggestions(before: string): Suggestions | undefined {
  const typed = /^\s*\+?\s*\w+\s*=\s*(\w*)$/.exec(before)?.[1];
  if (typed === undefined) {
    return firstWord(before, () => [
      { kind: 'value', label: '+2 = u64 0x1122', snippet: '+${1:2} = ${2:u64} ${3:0x1122}' },
    ]);
  }
  return {
    typed: typed.length,
    items: patchTypes.map((type) => ({ kind: 'type', label: type, snippet: `${type} ` })),
  };
}

/** How many brackets are open at the end of a text; strings in it are passed over. */
function depthOf(text: string): number {
  let depth = 0;
  for (const [sign] of text.matchAll(/"(?:[^"\\\n]|\\.)*"?|[()[\]]/g)) {
    if (sign === '(' || sign === '[') depth++;
    else if (sign === ')' || sign === ']') depth = Math.max(0, depth - 1);
  }
  return depth;
}

const templates: readonly Suggestion[] = [
  {
    kind: 'signature',
    label: 'name(n: i64) -> i64',
    snippet: '${1:name}(${2:n}: ${3:i64}) -> ${4:i64}',
  },
  {
    kind: 'signature',
    label: 'long name(long n)',
    snippet: '${1:long} ${2:name}(${3:long n})',
  },
  {
    kind: 'signature',
    label: 'name(bytes: *const u8, count: usize) -> i64',
    snippet: '${1:name}(${2:bytes}: *const u8, ${3:count}: usize) -> ${4:i64}',
  },
  {
    kind: 'signature',
    label: 'name(out: *mut u8, count: usize)',
    snippet: '${1:name}(${2:out}: *mut u8, ${3:count}: usize)',
  },
  { kind: 'signature', label: '() -> i64', snippet: '() -> ${1:i64}' },
];

function signatureSuggestions(
  before: string,
  annotation: AnnotationShape | undefined,
): Suggestions | undefined {
  if (!annotation) return undefined;
  if (/^\s+\w*$/.test(before)) {
    return { typed: before.trimStart().length, items: templates };
  }
  const types = (spelling: Spelling, typed: string, result: boolean): Suggestions => ({
    typed: typed.length,
    items: typeNames(spelling, annotation.model, result),
  });
  const afterColon = /[^:]:\s*((?:&|\*(?:const|mut)?\s*)?[\w*]*)$/.exec(before)?.[1];
  if (afterColon !== undefined && depthOf(before) > 0) return types('rust', afterColon, false);
  const result = /->\s*([\w*&]*(?:const |mut )?)$/.exec(before)?.[1];
  if (result !== undefined && depthOf(before) === 0) return types('rust', result, true);
  // Where a parameter begins: a C type, or in `(i64, i64)` one without a name.
  const parameter = /[(,]\s*([\w*&]*)$/.exec(before)?.[1];
  if (parameter === undefined || depthOf(before) === 0) return undefined;
  const prototype = /^\s*[\w$]+(?:\s|\*)[\s\w$*]*\(/.test(before) && !/^\s*fn\b/.test(before);
  if (prototype) return types('c', parameter, false);
  return /:/.test(before) ? undefined : types('rust', parameter, false);
}

function callSuggestions(
  before: string,
  shape: CallShape | undefined,
  asked: boolean,
): Suggestions | undefined {
  if (!shape) return undefined;
  const call = /^\s*(?:[A-Za-z_$][\w$]*\s*)?\(/.exec(before);
  if (!call) {
    return firstWord(before, () => [
      { kind: 'signature', label: callLabel(shape), snippet: callTemplate(shape) },
    ]);
  }
  const inside = before.slice(call[0].length);
  const close = closingBracket(inside);
  if (close < 0) return argumentSuggestions(inside, shape);
  const after = inside.slice(close + 1);
  const expected = /^\s*=>\s*(.*)$/s.exec(after)?.[1];
  if (expected !== undefined) return expectationSuggestions(expected, shape);
  const arrow = /^\s+(=?)$/.exec(after)?.[1];
  if (arrow === undefined || !asked) return undefined;
  return {
    typed: arrow.length,
    items: [{ kind: 'operator', label: '=>', snippet: '=> ', goesOn: true }],
  };
}

function callLabel({ kind, signature }: CallShape): string {
  if (kind === 'fragment') return '(rax = 0)';
  return `(${signature.parameters.map((_, index) => parameterName(signature, index)).join(', ')})`;
}

/** The offset of the bracket that closes one opened before the text, or -1. */
function closingBracket(text: string): number {
  let depth = 1;
  for (const found of text.matchAll(/"(?:[^"\\\n]|\\.)*"?|[()[\]]/g)) {
    const [sign] = found;
    if (sign === '(' || sign === '[') depth++;
    else if (sign === ')' || sign === ']') depth--;
    if (depth === 0) return found.index;
  }
  return -1;
}

function argumentSuggestions(inside: string, shape: CallShape): Suggestions | undefined {
  if (shape.kind === 'fragment') return registerSuggestions(inside, shape.architecture, []);
  if (depthOf(inside) > 0) return undefined;
  const parts = inside.replaceAll(/"(?:[^"\\\n]|\\.)*"?|\[[^\]]*\]|<[^>]*>/g, '_').split(',');
  const typed = /^\s*([\w.-]*)$/.exec(parts.at(-1) ?? '')?.[1];
  const index = parts.length - 1;
  const parameter = shape.signature.parameters[index];
  if (typed === undefined || !parameter || /["\]>]\s*$/.test(inside)) return undefined;
  const detail = `${parameterName(shape.signature, index)}: ${formatType(parameter.type)}`;
  return {
    typed: typed.length,
    items: valuesOf(parameter.type).map((value) => ({ kind: 'value', detail, ...value })),
  };
}

function expectationSuggestions(expected: string, shape: CallShape): Suggestions | undefined {
  if (shape.kind === 'fragment') {
    return registerSuggestions(
      expected,
      shape.architecture,
      expected.includes('=') ? [] : outcomes(shape),
    );
  }
  if (depthOf(expected) > 0) return undefined;
  const later = /,\s*(\w*)$/.exec(expected)?.[1];
  const first = /^[\w ]*$/.test(expected) ? expected : undefined;
  const typed = later ?? first;
  if (typed === undefined) return undefined;
  const buffers = expectationsOf(shape.signature).buffers.map((entry): Suggestion => ({
    kind: 'value',
    ...entry,
  }));
  if (later !== undefined) return { typed: typed.length, items: buffers };
  const values = expectationsOf(shape.signature).values.map((entry): Suggestion => ({
    kind: 'value',
    ...entry,
  }));
  return { typed: typed.length, items: [...values, ...buffers, ...outcomes(shape)] };
}

/** Signals that bytes commonly die of, and system calls that they commonly try. */
const signals = ['SIGSEGV', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGBUS'];
const systemCalls = ['execve', 'write', 'read', 'open', 'socket', 'mmap'];

function outcomes({ architecture }: CallShape): readonly Suggestion[] {
  const saved = architecture === 'aarch64' ? 'x19' : 'rbx';
  return [
    plain('outcome', 'fault'),
    ...signals.map((signal) => plain('outcome', `fault ${signal}`)),
    {
      kind: 'outcome',
      label: 'fault SIGSEGV at +2',
      snippet: 'fault ${1:SIGSEGV} at +${2:2}',
    },
    plain('outcome', 'timeout'),
    plain('outcome', 'blocked'),
    ...systemCalls.map((name) => plain('outcome', `blocked ${name}`)),
    plain('outcome', 'exited'),
    { kind: 'outcome', label: 'exited 0', snippet: 'exited ${1:0}' },
    plain('outcome', 'abi'),
    { kind: 'outcome', label: `abi ${saved}`, snippet: `abi \${1:${saved}}` },
    plain('outcome', 'end'),
  ];
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

/** The registers that are written most, in the order in which they are thought of. */
function registersOf(architecture: Architecture): readonly string[] {
  if (architecture === 'aarch64') {
    return [
      ...numbers(31).map((n) => `x${n}`),
      ...'sp n z c v'.split(' '),
      ...numbers(32).map((n) => `v${n}`),
    ];
  }
  if (!architecture.startsWith('x86')) return [];
  const wide = 'ax bx cx dx si di bp sp'.split(' ');
  const prefix = { x86_64: 'r', x86: 'e' }[architecture as string] ?? '';
  const named = [
    ...wide.map((name) => prefix + name),
    ...(architecture === 'x86_64' ? numbers(8).map((n) => `r${n + 8}`) : []),
    ...'zf cf sf of pf df'.split(' '),
    ...(architecture === 'x86_64' ? wide.map((name) => `e${name}`) : []),
    ...'al bl cl dl'.split(' '),
    ...numbers(architecture === 'x86_64' ? 16 : 8).map((n) => `xmm${n}`),
  ];
  return named.filter((name) => isRegister(name, architecture));
}

function registerSuggestions(
  text: string,
  architecture: Architecture,
  others: readonly Suggestion[],
): Suggestions | undefined {
  const typed = /(?:^|,)\s*(\w*)$/.exec(text)?.[1];
  if (typed === undefined) return undefined;
  const given = new Set([...text.matchAll(/(\w+)\s*=/g)].map(([, name]) => name));
  const left = registersOf(architecture).filter((name) => !given.has(name));
  return {
    typed: typed.length,
    items: [
      ...left.map((name): Suggestion => ({
        kind: 'register',
        label: name,
        snippet: `${name} = \${1:0}`,
      })),
      ...others,
    ],
  };
}
