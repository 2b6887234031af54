// Keeps two processes from doing the same at the same time.

import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_LIMIT = 30 * 60_000;

/**
 * Runs `action` while no other process does, as far as they all use the same lock file.
 * The file holds the id of its owner: a lock whose owner has ended counts for nothing. `say` is told
 * when it has to wait.
 */
export async function withLock(file, say, action) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const giveUp = Date.now() + WAIT_LIMIT;
  let told = false;
  while (!tryLock(file)) {
    const owner = Number(readIfThere(file));
    if (owner && !isRunning(owner)) {
      fs.rmSync(file, { force: true });
      continue;
    }
    if (Date.now() > giveUp) {
      throw new Error(`Process ${owner} has held ${file} for too long: end it or remove the file.`);
    }
    if (!told) say(`Waiting for process ${owner}, which is installing the same …`);
    told = true;
    await sleep(500);
  }
  try {
    return await action();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

/** Creates the lock file with our id in it, both at once: nobody sees the file without the id. */
function tryLock(file) {
  const own = `${file}-${process.pid}`;
  fs.writeFileSync(own, String(process.pid));
  try {
    fs.linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(own, { force: true });
  }
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
