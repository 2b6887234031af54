/** What paths and glob patterns on the command line stand for. */
import { findPlaces, type Place } from '../sources.ts';

export const testPlaces = (paths: readonly string[], signal: AbortSignal): AsyncGenerator<Place> =>
  findPlaces(paths, signal);
