/** Loads koffi's native part, the only foreign code in the project. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** What the native part offers; koffi's own JavaScript adds nothing to it but warnings. */
export type Koffi = Pick<typeof import('koffi'), NativeMember>;

type NativeMember = 'array' | 'call' | 'decode' | 'errno' | 'load' | 'proto' | 'struct' | 'version';

/** The version pinned in package.json: another one may differ in how it passes values. */
export const koffiVersion = '3.3.4';

/** Where to look, for tests; the defaults are those of the running bundle. */
export interface KoffiPlace {
  /** The running bundle. */
  readonly bundle: string;
  readonly platform: string;
  readonly architecture: string;
}

const here: KoffiPlace = {
  bundle: __filename,
  platform: process.platform,
  architecture: process.arch,
};

let loaded: Koffi | undefined;

/** The native part of koffi, loaded at the first call. Throws as {@link loadKoffi} does. */
export function koffi(): Koffi {
  loaded ??= loadKoffi(here);
  return loaded;
}

/**
 * Loads `native/koffi.node` beside the bundle, as the packaged extension has it, or else the optional
 * package that `npm install` chose for this machine. Loading the file directly saves the 6 ms that
 * koffi's own search takes.
 *
 * Throws an error that names platform, architecture and what to install if there is neither, and
 * another if what was found cannot be loaded or has another version than {@link koffiVersion}.
 */
export function loadKoffi(place: KoffiPlace): Koffi {
  const file = locate(place);
  const load: (file: string) => unknown = createRequire(place.bundle);
  let native: unknown;
  try {
    native = load(file);
  } catch (cause) {
    throw new Error(`koffi cannot be loaded from ${file}: ${messageOf(cause)}`, { cause });
  }
  if (!isKoffi(native)) throw new Error(`${file} is not koffi's native part`);
  if (native.version !== koffiVersion) {
    const found = String(native.version);
    throw new Error(`koffi ${koffiVersion} is needed, but ${file} is version ${found}`);
  }
  return native;
}

function locate({ bundle, platform, architecture }: KoffiPlace): string {
  const packaged = path.join(path.dirname(bundle), 'native', 'koffi.node');
  if (fs.existsSync(packaged)) return packaged;
  const name = `@koromix/koffi-${platform}-${architecture}`;
  try {
    // Only upward from the bundle: never from the working directory, whose files nobody has trusted.
    return createRequire(bundle).resolve(name);
  } catch (cause) {
    throw new Error(
      `native calls need koffi's binary for ${platform} on ${architecture}, which is not installed: ` +
        `there is neither ${packaged} nor the package ${name}. ` +
        `Install it with: npm install ${name}@${koffiVersion}`,
      { cause },
    );
  }
}

function isKoffi(native: unknown): native is Koffi {
  return typeof native === 'object' && native !== null && 'version' in native && 'proto' in native;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
