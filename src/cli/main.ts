/** The entry of the command line. */
import { asmCommand } from './asmCommand.ts';
import { benchCommand } from './bench/command.ts';
import { checkCommand } from './checkCommand.ts';
import { disasmCommand } from './disasmCommand.ts';
import { doctorCommand } from './doctorCommand.ts';
import { escapeControls } from '../engine/escape.ts';
import { helpText, versionText } from './help.ts';
import { readCommand } from './options.ts';
import { watchOutput } from './output.ts';
import { runCommand } from './runCommand.ts';
import { exitStatus } from './tally.ts';
import { testCommand } from './test/command.ts';
import { UsageError } from './words.ts';

async function main(words: readonly string[], closed: AbortSignal): Promise<number> {
  const command = readCommand(words);
  switch (command.kind) {
    case 'help':
      process.stdout.write(helpText(command.topic));
      return exitStatus.well;
    case 'version':
      process.stdout.write(versionText());
      return exitStatus.well;
    case 'run':
      return runCommand(command, closed);
    case 'check':
      return checkCommand(command, closed);
    case 'disasm':
      return disasmCommand(command, closed);
    case 'asm':
      return asmCommand(command, closed);
    case 'test':
      return testCommand(command, closed);
    case 'bench':
      return benchCommand(command, closed);
    case 'doctor':
      return doctorCommand(command, closed);
  }
}

function complain(error: unknown): number {
  if (error instanceof UsageError) {
    const message = escapeControls(error.message);
    process.stderr.write(`jit-bytes: ${message}\nTry "jit-bytes --help".\n`);
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`jit-bytes: a defect in this program: ${text}\n`);
  }
  return exitStatus.unreadable;
}

const output = watchOutput();
process.on('exit', (status) => {
  // Known last of all: what was written may fail later.
  process.exitCode = output.status ?? status;
});
void main(process.argv.slice(2), output.closed)
  .catch(complain)
  .then((status) => {
    // Not process.exit, which would cut off what a pipe has not yet taken.
    process.exitCode = status;
  });
