/** Failures of the host that tests provoke through an environment variable; for nothing else. */

/** The environment variable of the host that holds a {@link HostKnob}. */
export const hostKnobVariable = 'JIT_BYTES_HOST_TEST';

/**
 * `refuse`: it does not start, and says why. `mute`: it never says hello. `slow`: it says hello after
 * {@link slowStartMs}. `garbage`: it answers every request with bytes that are no message. `deaf`: it says hello, at the lowest
 * level, and then never begins a call. `forge`: it answers with the result of another call. `process` and `crash-only`: it offers no higher level.
 */
export type HostKnob = 'refuse' | 'mute' | 'slow' | 'garbage' | 'deaf' | 'forge' | LowerLevel;

/** A level of protection below the highest. */
export type LowerLevel = 'process' | 'crash-only';

/** Milliseconds by which a `slow` host is late. */
export const slowStartMs = 300;

const knobs: readonly HostKnob[] = [
  'refuse',
  'mute',
  'slow',
  'garbage',
  'deaf',
  'forge',
  'process',
  'crash-only',
];

/** What the environment asks for, or undefined. Throws for a word that is no knob. */
export function hostKnob(
  environment: Readonly<Record<string, string | undefined>>,
): HostKnob | undefined {
  const word = environment[hostKnobVariable];
  if (word === undefined) return undefined;
  const knob = knobs.find((one) => one === word);
  if (knob) return knob;
  throw new Error(`${hostKnobVariable} is ${word}, which is none of ${knobs.join(', ')}`);
}
