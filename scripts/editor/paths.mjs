// Where things are in this checkout.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(
  /[\\/]$/,
  '',
);

/** Everything that is downloaded or made for tests, ignored by git. */
export const cacheFolder = path.join(repositoryRoot, '.cache');
