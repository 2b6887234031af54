/** `jit-bytes doctor`: what protects calls on this machine, why no more does, and whether it holds. */
import os from 'node:os';
import path from 'node:path';
import { escapeControls } from '../engine/escape.ts';
import { machineOf } from '../engine/plan.ts';
import { protectionRows, type ProtectionRow } from '../engine/protectionText.ts';
import { JitClient, type HostInfo } from '../jit/client.ts';
import { painter, wantsColours } from './colours.ts';
import { versionText } from './help.ts';
import { watchInterrupt } from './interrupt.ts';
import { textOf } from './jsonText.ts';
import type { DoctorOptions } from './options.ts';
import { selfTest, type AttackReport } from './selfTest.ts';
import { exitStatus } from './tally.ts';

/** The bundled host, from the bundled command line. */
const hostPath = path.join(__dirname, '..', 'host', 'main.js');

/** Milliseconds that a program of the self-test may take. */
const timeoutMs = 1000;

/** Looks, attacks, reports. 0 if all holds at the level `isolated`, else 1. */
export async function doctorCommand({ json }: DoctorOptions, closed: AbortSignal): Promise<number> {
  using interrupt = watchInterrupt();
  const signal = AbortSignal.any([interrupt.signal, closed]);
  using client = new JitClient({ hostPath });
  let host: HostInfo;
  try {
    host = await client.ready();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`jit-bytes: ${escapeControls(reason)}\n`);
    return exitStatus.failed;
  }
  const { level } = host.protection;
  const paint = painter(!json && wantsColours(process.env, process.stdout.isTTY));
  const facts = factsOf(host);
  if (!json) for (const [name, text] of facts) say(`${name.padEnd(factWidth)}  ${text}`);
  const reports: AttackReport[] = [];
  const settings = { timeoutMs, machine: machineOf(process.platform, process.arch) };
  const runnable = settings.machine.architecture === 'x86_64';
  if (!json) say(runnable ? '' : '\nthe self-test needs x86-64');
  try {
    if (runnable) {
      for await (const report of selfTest(client, settings, level === 'isolated', signal)) {
        reports.push(report);
        if (json) continue;
        const mark = report.held ? paint('green', '✓') : paint('red', '✗');
        const expected = report.held ? '' : `, expected ${report.expected}`;
        say(`${mark} ${report.what}: ${report.found}${expected}`);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  const held = reports.filter((report) => report.held).length;
  const isWell = level === 'isolated' && reports.length > 0 && held === reports.length;
  if (json) {
    process.stdout.write(`${textOf(documentOf(host, reports, isWell && !signal.aborted))}\n`);
  } else {
    say('');
    say(paint('bold', `${held} of ${reports.length} ended as they must`));
    if (level !== 'isolated') say(`the level is ${level}, not isolated: ${host.protection.reason}`);
  }
  return interrupt.status ?? (isWell ? exitStatus.well : exitStatus.failed);
}

const factWidth = 12;

function factsOf(host: HostInfo): readonly ProtectionRow[] {
  return [
    ['version', versionText().trim()],
    ['node', host.node],
    ['koffi', host.koffi],
    ['platform', `${process.platform} ${process.arch}`],
    ['kernel', `${os.type()} ${os.release()}`],
    ...protectionRows(host.protection),
  ];
}

function documentOf(host: HostInfo, reports: readonly AttackReport[], isWell: boolean) {
  const { level, sandbox, reason, runner } = host.protection;
  return {
    version: 1,
    jitBytes: versionText().trim().split(' ').at(-1) ?? null,
    node: host.node,
    koffi: host.koffi,
    platform: process.platform,
    arch: process.arch,
    kernel: `${os.type()} ${os.release()}`,
    protection: {
      level,
      sandbox,
      reason,
      namespaces: runner?.namespaces ?? null,
      noExecuteFile: runner?.noExecuteFile ?? null,
      denyWriteExecute: runner?.denyWriteExecute ?? null,
    },
    selfTest: reports.map(({ what, expected, held, found }) => ({ what, expected, held, found })),
    well: isWell,
  };
}

function say(line: string): void {
  process.stdout.write(`${line === '' ? '' : line.split('\n').map(escapeControls).join('\n')}\n`);
}
