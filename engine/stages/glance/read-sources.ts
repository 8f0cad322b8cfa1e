import { posix } from 'node:path';
import type { RemoteHost } from '../../ports.ts';
import type { GlanceSystem } from '../../types.ts';
import { readHostFiles } from '../host-files/index.ts';
import { compose, type Sources } from './compose.ts';

/** Includes of includes that lie elsewhere; more than any house has. */
const mostRounds = 4;

/**
 * The main file and what it includes, as they are on the machine. What lies below its folder comes in the first round
 * trip; only what is included from elsewhere takes another. Throws ProblemError.
 */
export async function readSources(
  host: RemoteHost,
  { config, configInside }: GlanceSystem,
  signal: AbortSignal,
): Promise<Sources> {
  const frame = { main: config, inside: posix.dirname(configInside) };
  const near = { files: [config], directories: [posix.dirname(config)], endings: ['.yml', '.yaml'] };
  let texts = await readHostFiles(host, near, signal);
  for (let round = 0; round < mostRounds; round += 1) {
    const { missing } = compose({ ...frame, texts });
    if (missing.length === 0) break;
    const more = await readHostFiles(host, { files: missing }, signal);
    if (more.size === 0) break;
    texts = new Map([...texts, ...more]);
  }
  return { ...frame, texts };
}
