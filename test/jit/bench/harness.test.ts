import { benchRequest, samplesOf } from '../../../src/jit/bench/request.ts';
import { guests, never, protectedClient, request, hostPath } from '../clientSetup.ts';
import { test } from 'node:test';
import { code } from '../functionTypes.ts';
test('try', async () => {
  const jit = protectedClient();
  await jit.ready();
  const imul = '4889f8' + '480fafc0'.repeat(64) + 'c3';
  const div = '4889f8b903000000' + '31d248f7f1'.repeat(64) + 'c3';
  for (const mode of ['alone', 'together'] as const)
    for (const [name, hex] of [
      ['ret', 'c3'],
      ['add4', guests.addFour],
      ['imul', imul],
      ['div', div],
      ['ret', 'c3'],
    ] as const) {
      for (let i = 0; i < 5; i++) {
        const asked = { ...request(hex, 1234567n) };
        const settings = { mode, copies: 300, samples: 300, timeoutMs: 1000 };
        const b = benchRequest(asked, settings);
        const r = await jit.run(b, never);
        const s = samplesOf(r, b, settings);
        if (!s) {
          console.log(name, r);
          continue;
        }
        const med = (x: number[]) => x.toSorted((a, b) => a - b)[x.length >> 1] ?? 0;
        const skip = s.samples.slice(20);
        console.log(
          mode,
          name,
          'call',
          med(skip.map((x) => x.call)).toFixed(2),
          'over',
          med(skip.map((x) => x.overhead)).toFixed(2),
          'cyc',
          med(skip.map((x) => x.cycle)).toFixed(4),
          'net cyc',
          med(skip.map((x) => (x.call - x.overhead) / x.cycle)).toFixed(2),
          s.pinned,
          s.ticks,
          s.durationNs,
        );
      }
    }
  jit.dispose();
});
