/** How much memory the WebAssembly modules have that this process has loaded. */

/** The part of the global `WebAssembly` that is used; Node's types do not have it. */
interface Modules {
  Instance: new (...given: readonly unknown[]) => { readonly exports: object };
  instantiate: (...given: readonly unknown[]) => Promise<object>;
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
}

const memories = new Set<{ readonly buffer: ArrayBuffer }>();

function modules(): Modules {
  const found: unknown = Reflect.get(globalThis, 'WebAssembly');
  if (typeof found !== 'object' || found === null) throw new Error('no WebAssembly');
  return found as Modules;
}

/** Notes the memory of every module from now on; call it before any is loaded. */
export function watchWebAssembly(): void {
  const all = modules();
  const { Instance, instantiate, Memory } = all;
  const note = (instance: object): void => {
    if (!(instance instanceof Instance)) return;
    for (const value of Object.values(instance.exports)) {
      if (value instanceof Memory) memories.add(value);
    }
  };
  all.Instance = new Proxy(Instance, {
    construct(target, given: readonly unknown[]) {
      const made = new target(...given);
      note(made);
      return made;
    },
  });
  all.instantiate = new Proxy(instantiate, {
    async apply(target, _self, given: readonly unknown[]) {
      const made = await target(...given);
      note(made);
      if ('instance' in made && typeof made.instance === 'object' && made.instance) {
        note(made.instance);
      }
      return made;
    },
  });
}

/** Bytes of all memories noted. */
export function webAssemblyBytes(): number {
  return [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
