/** A hundred files in several languages, with a thousand expectations that end in every way there is. */

/** A language's comment sign, and an array of bytes in it. */
interface Language {
  readonly extension: string;
  readonly comment: string;
  readonly array: (name: string, bytes: string) => string;
}

const languages: readonly Language[] = [
  {
    extension: 'c',
    comment: '//',
    array: (name, bytes) => `static const unsigned char ${name}[] = { ${bytes} };`,
  },
  { extension: 'rs', comment: '//', array: (name, bytes) => `const ${name}: &[u8] = &[${bytes}];` },
  { extension: 'py', comment: '#', array: (name, bytes) => `${name} = bytes([${bytes}])` },
  { extension: 'go', comment: '//', array: (name, bytes) => `var ${name} = []byte{${bytes}}` },
  {
    extension: 'ts',
    comment: '//',
    array: (name, bytes) => `const ${name} = new Uint8Array([${bytes}]);`,
  },
  {
    extension: 'java',
    comment: '//',
    array: (name, bytes) => `byte[] ${name} = { ${bytes} };`,
  },
];

interface Block {
  readonly name: string;
  readonly tags: readonly string[];
  readonly bytes: string;
}

/** Ten expectations. */
const blocks = (n: number): readonly Block[] => [
  {
    name: 'add_four',
    tags: [
      '@jit  add_four(n: i64) -> i64',
      `@call (${n})  => ${n + 4}`,
      '@call (-1) => 3',
      '@call (-1) => 3',
      `@call (${n}) => ${n + 5}`,
      '@call (0)',
    ],
    bytes: '0x48, 0x8d, 0x47, 0x04, 0xc3',
  },
  {
    name: 'crash',
    tags: ['@jit  crash() -> i32', '@call () => fault SIGSEGV', '@call () => 1'],
    bytes: '0x31, 0xc0, 0x8b, 0x00, 0xc3',
  },
  {
    name: 'forever',
    tags: ['@jit  () -> void', '@timeout 3ms', `@call () => ${n % 2 === 0 ? 'timeout' : 'fault'}`],
    bytes: '0xeb, 0xfe',
  },
  {
    name: 'getpid',
    tags: ['@jit  getpid() -> i32', '@call () => blocked getpid', '@call () => blocked write'],
    bytes: '0xb8, 0x27, 0x00, 0x00, 0x00, 0x0f, 0x05, 0xc3',
  },
  {
    name: 'elsewhere',
    tags: ['@jit  elsewhere() -> i64', '@arch riscv64', '@call () => 42'],
    bytes: '0x13, 0x05, 0xa0, 0x02, 0x67, 0x80, 0x00, 0x00',
  },
];

/** Nothing of these is a test: one cannot be read, the other expects nothing. */
const extra: readonly Block[] = [
  { name: 'mistaken', tags: ['@jit  mistaken() -> i64', '@call () => 42'], bytes: '0x100, 0xc3' },
  { name: 'plain', tags: ['@jit  plain() -> i64', '@call ()'], bytes: '0xc3' },
];

/** The files' texts by their paths. */
export function testFiles(count: number): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (let n = 0; n < count; n++) {
    const { extension, comment, array } =
      languages[n % languages.length] ?? languages[0] ?? never();
    const written = [...blocks(n), ...(n % 10 === 0 ? extra : [])].flatMap(
      ({ name, tags, bytes }) => [
        ...tags.map((tag) => `${comment} ${tag}`),
        array(name, bytes),
        '',
      ],
    );
    const folder = ['', 'src/', 'src/deep/er/'][n % 3] ?? '';
    files.set(`${folder}file_${String(n).padStart(3, '0')}.${extension}`, written.join('\n'));
  }
  return files;
}

function never(): never {
  throw new Error('there are languages');
}
