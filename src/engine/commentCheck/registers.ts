/** The registers of x86, by the names that assemblers and people give them. */

const general = ['ax', 'bx', 'cx', 'dx', 'si', 'di', 'bp', 'sp'];

function sized(): [name: string, bytes: number][] {
  const found: [string, number][] = [];
  for (const name of general) {
    found.push([name, 2], [`e${name}`, 4], [`r${name}`, 8]);
  }
  for (const name of ['al', 'bl', 'cl', 'dl', 'ah', 'bh', 'ch', 'dh', 'sil', 'dil', 'bpl', 'spl']) {
    found.push([name, 1]);
  }
  for (let number = 8; number < 32; number++) {
    const name = `r${number}`;
    found.push([name, 8], [`${name}d`, 4], [`${name}w`, 2], [`${name}b`, 1]);
  }
  for (const name of ['cs', 'ds', 'es', 'fs', 'gs', 'ss']) found.push([name, 2]);
  for (let number = 0; number < 32; number++) {
    found.push([`xmm${number}`, 16], [`ymm${number}`, 32], [`zmm${number}`, 64]);
  }
  for (let number = 0; number < 16; number++) {
    found.push([`cr${number}`, 8], [`dr${number}`, 8]);
  }
  for (let number = 0; number < 8; number++) {
    found.push([`st${number}`, 10], [`mm${number}`, 8], [`k${number}`, 8], [`tmm${number}`, 1024]);
  }
  for (let number = 0; number < 4; number++) found.push([`bnd${number}`, 16]);
  found.push(['rip', 8], ['eip', 4]);
  return found;
}

const sizes: ReadonlyMap<string, number> = new Map(sized());

/** A register's size in bytes, or undefined for what is none. */
export function registerSize(register: string): number | undefined {
  return sizes.get(register);
}

/** `r8l` is Intel's manual's name of `r8b`, `db0` is what GNU calls `dr0`, `st` is the stack's top. */
export function canonicalRegister(name: string): string | undefined {
  const plain = name
    .replace(/^st$/, 'st0')
    .replace(/^st\s*\(\s*([0-7])\s*\)$/, 'st$1')
    .replace(/^(r\d+)l$/, '$1b')
    .replace(/^db(\d)$/, 'dr$1');
  return sizes.has(plain) ? plain : undefined;
}

/** GNU's names for an index that is not there. */
export function isNoIndex(name: string): boolean {
  return name === 'riz' || name === 'eiz';
}
