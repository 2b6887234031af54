/** The runner that calls in its own process: here, so only what does not break. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InProcessRunner, thisArchitecture } from '../../src/jit/runner/inProcess.ts';
import { architectures } from '../../src/model/architecture.ts';
import { guests, never, request, requestOf, returned } from './clientSetup.ts';
import { bufferValue, i64, mutBytes, nothing, runsHere, signature } from './functionTypes.ts';

describe('the runner in process', { skip: !runsHere }, () => {
  const runner = new InProcessRunner();

  it('calls', async () => {
    assert.ok(returned(8n, await runner.run(request(guests.addFour, 4n), never)));
  });

  it('calls from the entry on', async () => {
    const asked = { ...request(`cc ${guests.addFour}`, 4n), entry: 1 };
    assert.ok(returned(8n, await runner.run(asked, never)));
  });

  for (const { name } of architectures.filter((entry) => entry.name !== thisArchitecture())) {
    it(`refuses code for ${name}`, async () => {
      const result = await runner.run({ ...request('c3'), architecture: name }, never);
      assert.equal(result.outcome, 'refused');
      assert.match(result.reason, new RegExp(`^code for ${name} cannot run`));
    });
  }

  it('refuses values that do not suit the signature', async () => {
    const asked = requestOf(signature([i64], nothing), 'c3', [bufferValue([1])]);
    const result = await runner.run(asked, never);
    assert.equal(result.outcome, 'refused');
    assert.match(result.reason, /argument 1 .* cannot be given as buffer/);
  });

  it('refuses a vector, in the signature or given for another type', async () => {
    const asked = requestOf(signature([mutBytes], nothing), 'c3', [
      { kind: 'vector', bytes: new Uint8Array(16) },
    ]);
    const result = await runner.run(asked, never);
    assert.equal(result.outcome, 'refused');
    assert.match(result.reason, /SIMD/);
  });

  it('reports a call that returned too late as a time-out', async () => {
    // mov ecx, 20000000; 1: dec ecx; jnz 1b; ret
    const result = await runner.run(request('b9 00 2d 31 01 ff c9 75 fc c3', 0n, 0.1), never);
    assert.deepEqual(result, { outcome: 'timeout', limitMs: 0.1, stuck: undefined });
  });

  it('rejects with the reason of a signal that is aborted', async () => {
    const aborted = AbortSignal.abort(new Error('not now'));
    await assert.rejects(runner.run(request(guests.addFour), aborted), /not now/);
  });
});
