/** What protects calls, in words for a person. */
import type { Protection, ProtectionLevel, Sandbox } from '../jit/protection.ts';

/** A name and what there is to say of it. */
export type ProtectionRow = readonly [name: string, text: string];

/** What a level means for whoever runs bytes. */
export const levelMeanings: Readonly<Record<ProtectionLevel, string>> = {
  isolated: 'each call runs in a fresh and empty process, without system calls',
  process: 'each call runs in a process of its own, with your rights',
  'crash-only': 'calls run in the host process, with your rights',
};

/** What a sandbox lets bytes do where calls are isolated. */
export const sandboxMeanings: Readonly<Record<Sandbox, string>> = {
  strict: 'no system calls',
  output: 'bytes may write to standard output and error, which is captured',
  off: 'system calls are not filtered: bytes can do whatever you can do',
};

/** All that a probe found. */
export function protectionRows({ level, sandbox, reason, runner }: Protection): ProtectionRow[] {
  const yesOrNo = (is: boolean): string => (is ? 'yes' : 'no');
  return [
    ['level', `${level}: ${levelMeanings[level]}`],
    ['why', reason],
    ['sandbox', `${sandbox}: ${sandboxMeanings[sandbox]}`],
    ...(runner
      ? ([
          [
            'namespaces',
            `${yesOrNo(runner.namespaces)}: the runner has a process namespace of its own`,
          ],
          [
            'seals',
            `${yesOrNo(runner.noExecuteFile)}: its memory file cannot be executed (Linux 6.3)`,
          ],
          [
            'MDWE',
            `${yesOrNo(runner.denyWriteExecute)}: no page can become executable later (Linux 6.3)`,
          ],
        ] as const)
      : []),
  ];
}
