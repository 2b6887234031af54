/**
 * What the lexer must know of a language: its comments, its strings and a few habits of its numbers.
 * A new language is a new line of the table; a language that is not there is read by `fallback`.
 */

/** A form of string. Forms are tried in the order of the language's list. */
export interface StringForm {
  readonly open: string;
  readonly close: string;
  /** What makes the next character ordinary: a backslash, the closing sign doubled, or nothing. */
  readonly escape: 'backslash' | 'doubled' | 'none';
  readonly multiline: boolean;
}

export interface BlockComment {
  readonly open: string;
  readonly close: string;
  readonly nests: boolean;
}

/**
 * What a single quote begins: a character (and otherwise nothing: lifetimes, primes, digit
 * separators), a string, a comment, or nothing.
 */
export type SingleQuote = 'character' | 'string' | 'comment' | 'nothing';

export interface Language {
  /** VS Code's language identifiers. */
  readonly ids: readonly string[];
  /** File name endings with their dot, in lower case. */
  readonly endings: readonly string[];
  readonly line: readonly string[];
  readonly block: readonly BlockComment[];
  readonly strings: readonly StringForm[];
  readonly singleQuote: SingleQuote;
  /** Base of `\ddd` in strings. */
  readonly digitEscape: 8 | 10;
  /** `\x` takes all hex digits that follow, so that a third one is a mistake. */
  readonly greedyHexEscape: boolean;
  /** A line continued in a string: the indentation after the break is left out. */
  readonly skipsIndentation: boolean;
  /** Backslashes around a line's end and indentation (Haskell). */
  readonly stringGaps: boolean;
  /** What puts a value into a string, by the quote that opens it. */
  readonly interpolation: Readonly<Record<string, string>>;
  /** `010` is eight. */
  readonly leadingZeroIsOctal: boolean;
  /** `[x; n]` repeats x. */
  readonly semicolonRepeats: boolean;
  /** What makes the next character a character, whatever it is (`#\\"` in Lisp), or empty. */
  readonly characterSign: string;
  /** `<<` and `>>` are brackets. */
  readonly doubleAngle: boolean;
  /** Has `#if` and `#else`. */
  readonly preprocessor: boolean;
  /** Operators that join two strings or lists, longest first. */
  readonly joins: readonly string[];
  /** Operators that repeat a literal so many times. */
  readonly repeats: readonly string[];
  /** `/…/` may be a regular expression. */
  readonly slashRegExp: boolean;
  /** A decorator of the name `@jit` exists, so that a bare `@jit` in a comment may not be ours. */
  readonly hasJitDecorator: boolean;
  /** Lines of `.byte`, `db` and their like may open with a bare directive of this dialect. */
  readonly assembly: boolean;
  /** `=` may be followed by a bare comma list. */
  readonly bareLists: boolean;
}

const double: StringForm = { open: '"', close: '"', escape: 'backslash', multiline: false };
const doubleLines: StringForm = { ...double, multiline: true };
const doubleDoubled: StringForm = { ...double, escape: 'doubled' };
const single: StringForm = { open: "'", close: "'", escape: 'backslash', multiline: false };
const singleLines: StringForm = { ...single, multiline: true };
const singleDoubled: StringForm = { ...single, escape: 'doubled' };
const tripleDouble: StringForm = {
  open: '"""',
  close: '"""',
  escape: 'backslash',
  multiline: true,
};
const tripleSingle: StringForm = {
  open: "'''",
  close: "'''",
  escape: 'backslash',
  multiline: true,
};
const backtick: StringForm = { open: '`', close: '`', escape: 'backslash', multiline: true };
const backtickRaw: StringForm = { ...backtick, escape: 'none' };
const verbatim: StringForm = { open: '@"', close: '"', escape: 'doubled', multiline: true };

const slashes: BlockComment = { open: '/*', close: '*/', nests: false };
const slashesNested: BlockComment = { ...slashes, nests: true };
const htmlComment: BlockComment = { open: '<!--', close: '-->', nests: false };

function language(ids: string, endings: string, facts: Partial<Language>): Language {
  return {
    ids: ids.split(' '),
    endings: endings === '' ? [] : endings.split(' '),
    line: ['//'],
    block: [slashes],
    strings: [double],
    singleQuote: 'character',
    digitEscape: 8,
    greedyHexEscape: false,
    skipsIndentation: false,
    stringGaps: false,
    interpolation: {},
    leadingZeroIsOctal: false,
    semicolonRepeats: true,
    characterSign: '',
    doubleAngle: false,
    preprocessor: false,
    joins: ['++', '+'],
    repeats: ['*', '**'],
    slashRegExp: false,
    hasJitDecorator: false,
    assembly: false,
    bareLists: false,
    ...facts,
  };
}

const c = {
  greedyHexEscape: true,
  leadingZeroIsOctal: true,
  preprocessor: true,
} as const;

const script = {
  strings: [tripleDouble, tripleSingle, doubleLines, singleLines],
  singleQuote: 'string',
} as const;

const javascript = {
  strings: [double, single, backtick],
  singleQuote: 'string',
  slashRegExp: true,
  interpolation: { '`': '${' },
} as const;

const semicolonComment: Partial<Language> = {
  line: [';'],
  block: [{ open: '#|', close: '|#', nests: true }],
  strings: [doubleLines],
  singleQuote: 'nothing',
  characterSign: '#\\',
};

const hash = { line: ['#'], block: [] as const } as const;
const parenthesisStar: BlockComment = { open: '(*', close: '*)', nests: true };

/**
 * Read for a language that the table does not know: `//`, `#` and `--` before a blank, `;` at the
 * start of a line, a slash and a star, and single- and double-quoted strings within a line.
 */
const fallback: Language = language('*', '', {
  line: ['//', '# ', '#@', '-- ', '--@', '%% ', ';'],
  block: [slashes, htmlComment],
  strings: [tripleDouble, double],
  joins: ['++', '<>', '..', '+', '&', '~'],
  assembly: true,
});

const languages: readonly Language[] = [
  language('rust', '.rs', {
    skipsIndentation: true,
    block: [slashesNested],
    strings: [doubleLines],
  }),
  language('c cuda-cpp opencl arduino hlsl glsl', '.c .h .cl .ino', c),
  language('cpp', '.cpp .cc .cxx .hpp .hh .hxx .cu .ipp .inl .tcc', c),
  language('objective-c objective-cpp', '.m .mm', {
    ...c,
    strings: [{ ...double, open: '@"' }, double],
  }),
  language('csharp', '.cs .csx', {
    strings: [tripleDouble, verbatim, double],
    preprocessor: true,
  }),
  language('go', '.go', { strings: [double, backtickRaw], leadingZeroIsOctal: true }),
  language('goasm go.asm go-asm plan9asm', '', {
    strings: [double],
    assembly: true,
    preprocessor: true,
  }),
  language('zig', '.zig .zon', { block: [], joins: ['++'] }),
  language('javascript javascriptreact', '.js .mjs .cjs .jsx', javascript),
  language('typescript typescriptreact', '.ts .mts .cts .tsx', javascript),
  language('json jsonc json5', '.json .jsonc .json5', {
    singleQuote: 'string',
    strings: [double, single],
  }),
  language('java', '.java', { strings: [tripleDouble, double], leadingZeroIsOctal: true }),
  language('kotlin', '.kt .kts', { block: [slashesNested], strings: [tripleDouble, double] }),
  language('scala', '.scala .sc', { block: [slashesNested], strings: [tripleDouble, double] }),
  language('groovy', '.groovy .gradle', {
    strings: [tripleDouble, tripleSingle, double, single],
    singleQuote: 'string',
    leadingZeroIsOctal: true,
  }),
  language('swift', '.swift', {
    block: [slashesNested],
    strings: [tripleDouble, { ...double, open: '#"', close: '"#', escape: 'none' }, double],
  }),
  language('d', '.d .di', {
    block: [slashes, { open: '/+', close: '+/', nests: true }],
    strings: [doubleLines, backtickRaw],
    joins: ['~'],
  }),
  language('dart', '.dart', {
    block: [slashesNested],
    strings: [tripleDouble, tripleSingle, double, single],
    singleQuote: 'string',
  }),
  language('vala', '.vala', { strings: [tripleDouble, double] }),
  language('v', '.v', { strings: [double, single], singleQuote: 'string' }),
  language('odin jai', '.odin .jai', { block: [slashesNested], strings: [double, backtickRaw] }),
  language('nim', '.nim .nims', {
    line: ['#'],
    block: [
      { open: '##[', close: ']##', nests: true },
      { open: '#[', close: ']#', nests: true },
    ],
    strings: [tripleDouble, double],
    joins: ['&'],
  }),
  language('python', '.py .pyw .pyi .pyx', { ...hash, ...script, hasJitDecorator: true }),
  language('sage', '.sage', { ...hash, ...script, hasJitDecorator: true }),
  language('ruby crystal', '.rb .cr', {
    interpolation: { '"': '#{' },
    line: ['#'],
    block: [{ open: '\n=begin', close: '\n=end', nests: false }],
    strings: [doubleLines, singleLines],
    singleQuote: 'string',
    leadingZeroIsOctal: true,
    joins: ['+'],
  }),
  language('perl perl6 raku', '.pl .pm .t .raku', {
    ...hash,
    strings: [doubleLines, singleLines],
    singleQuote: 'string',
    leadingZeroIsOctal: true,
    joins: ['.'],
    repeats: ['x'],
  }),
  language('php hack', '.php .hack', {
    line: ['//', '# ', '#@'],
    strings: [doubleLines, singleLines],
    singleQuote: 'string',
    leadingZeroIsOctal: true,
    joins: ['.'],
  }),
  language('lua luau terra', '.lua .luau', {
    line: ['--'],
    block: [
      { open: '--[[', close: ']]', nests: false },
      { open: '--[=[', close: ']=]', nests: false },
      { open: '--[==[', close: ']==]', nests: false },
    ],
    strings: [
      double,
      single,
      { open: '[[', close: ']]', escape: 'none', multiline: true },
      { open: '[=[', close: ']=]', escape: 'none', multiline: true },
    ],
    singleQuote: 'string',
    digitEscape: 10,
    joins: ['..'],
  }),
  language('tcl', '.tcl', { ...hash, strings: [doubleLines], singleQuote: 'nothing' }),
  language('julia', '.jl', {
    skipsIndentation: true,
    line: ['#'],
    block: [{ open: '#=', close: '=#', nests: true }],
    strings: [tripleDouble, doubleLines],
    hasJitDecorator: true,
    joins: ['*'],
  }),
  language('r', '.r', { ...hash, strings: [doubleLines, singleLines], singleQuote: 'string' }),
  language('haskell purescript elm idris', '.hs .lhs .purs .elm .idr', {
    line: ['--'],
    block: [{ open: '{-', close: '-}', nests: true }],
    digitEscape: 10,
    greedyHexEscape: true,
    stringGaps: true,
    joins: ['++', '<>'],
  }),
  language('ocaml ocaml.interface reason', '.ml .mli', {
    skipsIndentation: true,
    line: [],
    block: [parenthesisStar],
    strings: [doubleLines, { open: '{|', close: '|}', escape: 'none', multiline: true }],
    digitEscape: 10,
    semicolonRepeats: false,
    joins: ['^', '@'],
  }),
  language('fsharp', '.fs .fsi .fsx', {
    skipsIndentation: true,
    block: [parenthesisStar],
    strings: [tripleDouble, verbatim, doubleLines],
    semicolonRepeats: false,
    joins: ['+', '@'],
    preprocessor: true,
  }),
  language('sml', '.sml .sig', {
    line: [],
    block: [parenthesisStar],
    digitEscape: 10,
    semicolonRepeats: false,
    joins: ['^', '@'],
  }),
  language('pascal objectpascal delphi', '.pas .pp .lpr .dpr', {
    block: [parenthesisStar, { open: '{', close: '}', nests: false }],
    strings: [singleDoubled, double],
    singleQuote: 'string',
    joins: ['+'],
  }),
  language('ada vhdl', '.adb .ads .ada .vhd .vhdl', {
    line: ['--'],
    block: [],
    strings: [doubleDoubled],
    joins: ['&'],
  }),
  language('commonlisp lisp emacs-lisp elisp', '.lisp .lsp .cl .el .asd', {
    ...semicolonComment,
    joins: [],
  }),
  language('scheme', '.scm .ss .sld .sls', { ...semicolonComment, joins: [] }),
  language('racket', '.rkt', { ...semicolonComment, joins: [] }),
  language('clojure', '.clj .cljs .cljc .edn', {
    ...semicolonComment,
    block: [],
    characterSign: '\\',
    leadingZeroIsOctal: true,
    joins: [],
  }),
  language('erlang', '.erl .hrl', {
    line: ['%'],
    block: [],
    strings: [doubleLines],
    characterSign: '$',
    doubleAngle: true,
    joins: ['++'],
  }),
  language('elixir', '.ex .exs', {
    interpolation: { '"': '#{' },
    ...hash,
    strings: [tripleDouble, doubleLines],
    doubleAngle: true,
    joins: ['<>', '++'],
  }),
  language('matlab octave', '.oct', {
    line: ['%', '# ', '#@'],
    block: [{ open: '%{', close: '%}', nests: true }],
    strings: [doubleDoubled, singleDoubled],
    singleQuote: 'character',
    semicolonRepeats: false,
    joins: [],
  }),
  language('fortran fortran-modern FortranFreeForm fortran_fixed-form', '.f90 .f95 .f03 .f08 .f', {
    line: ['!'],
    block: [],
    strings: [doubleDoubled, singleDoubled],
    singleQuote: 'string',
    joins: [],
  }),
  language('vb vba vbscript freebasic', '.vb .bas .vbs .bi .cls', {
    line: ["'"],
    block: [],
    strings: [doubleDoubled],
    singleQuote: 'comment',
    joins: ['&', '+'],
  }),
  language('powershell', '.ps1 .psm1 .psd1', {
    line: ['#'],
    block: [{ open: '<#', close: '#>', nests: false }],
    strings: [doubleLines, singleDoubled],
    singleQuote: 'string',
    bareLists: true,
    joins: ['+'],
  }),
  language('shellscript bash fish zsh', '.sh .bash .zsh .fish', {
    ...hash,
    strings: [doubleLines, singleLines],
    singleQuote: 'string',
    joins: [],
  }),
  language(
    'yaml toml ini properties dockerfile makefile cmake',
    '.yaml .yml .toml .ini .cfg .mk .cmake',
    {
      ...hash,
      strings: [tripleDouble, double, single],
      singleQuote: 'string',
      joins: [],
    },
  ),
  language('coffeescript', '.coffee', {
    interpolation: { '"': '#{' },
    ...hash,
    ...script,
    joins: ['+'],
  }),
  language('awk', '.awk', { ...hash, joins: [] }),
  language('sql plsql', '.sql', {
    line: ['--'],
    strings: [singleDoubled, double],
    singleQuote: 'string',
    joins: [],
  }),
  language('forth', '.fth .4th .forth', {
    line: ['\\ '],
    block: [{ open: '( ', close: ')', nests: false }],
  }),
  language('verilog systemverilog', '.sv .svh', { singleQuote: 'nothing' }),
  language('html xml svg vue svelte', '.html .htm .xml .svg', {
    line: [],
    block: [htmlComment],
    strings: [],
    singleQuote: 'nothing',
  }),
  language('nasm masm asm-intel-x86-generic fasm yasm asm-x86', '.asm .nasm .masm .fasm', {
    line: [';'],
    block: [],
    strings: [double, single, backtick],
    singleQuote: 'string',
    joins: [],
    assembly: true,
  }),
  language('asm gas assembly asm-collection x86asm arm arm64 riscv mips', '.s .asmx .inc', {
    line: ['//', '#', ';', '@ ', '@@'],
    strings: [double],
    leadingZeroIsOctal: true,
    joins: [],
    assembly: true,
  }),
  language('smalltalk', '.st', {
    line: [],
    block: [{ open: '"', close: '"', nests: false }],
    strings: [single],
    singleQuote: 'string',
    joins: [','],
  }),
  language('purebasic', '.pb .pbi', {
    line: [';'],
    block: [],
    singleQuote: 'nothing',
    joins: [],
    assembly: true,
  }),
];

const byId = new Map<string, Language>();
const byEnding = new Map<string, string>();
for (const entry of languages) {
  for (const id of entry.ids) byId.set(id.toLowerCase(), entry);
  const first = entry.ids[0];
  if (first !== undefined) {
    for (const ending of entry.endings) if (!byEnding.has(ending)) byEnding.set(ending, first);
  }
}
for (const ending of ['.md', '.markdown', '.mdx', '.rmd', '.qmd']) byEnding.set(ending, 'markdown');

/** Names that people write after a Markdown fence, where they are not language ids. */
const fenceNames: Readonly<Record<string, string>> = {
  'c++': 'cpp',
  'c#': 'csharp',
  'f#': 'fsharp',
  'objective-c++': 'objective-cpp',
  objc: 'objective-c',
  js: 'javascript',
  ts: 'typescript',
  py: 'python',
  python3: 'python',
  rb: 'ruby',
  rs: 'rust',
  sh: 'shellscript',
  shell: 'shellscript',
  console: 'shellscript',
  golang: 'go',
  hs: 'haskell',
  ml: 'ocaml',
  kt: 'kotlin',
  pwsh: 'powershell',
  ps1: 'powershell',
  'common-lisp': 'commonlisp',
  clj: 'clojure',
  jl: 'julia',
  s: 'asm',
  erl: 'erlang',
  ex: 'elixir',
};

/** The language of that VS Code identifier or fence name; `fallback` where none is known. */
export function languageOf(id: string): Language {
  const name = id.toLowerCase();
  return byId.get(fenceNames[name] ?? name) ?? byId.get(byEnding.get(`.${name}`) ?? '') ?? fallback;
}

/**
 * The language identifier that a file name's ending stands for, or undefined.
 * @param name a file name or path with `/` or `\`
 */
export function languageIdOfFile(name: string): string | undefined {
  const dot = name.lastIndexOf('.');
  if (dot < 0 || /[\\/]/.test(name.slice(dot))) return undefined;
  return byEnding.get(name.slice(dot).toLowerCase());
}
