import { posix } from 'node:path';
import type { RemoteHost } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import type { GlanceSystem } from '../../types.ts';
import { readHostTexts } from '../host-files/index.ts';
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
  const first = await readHostTexts(host, near, signal);
  let { texts } = first;
  const notText = new Set(first.notText);
  for (let round = 0; round < mostRounds; round += 1) {
    const { missing } = compose({ ...frame, texts });
    if (missing.length === 0) break;
    const more = await readHostTexts(host, { files: missing }, signal);
    if (more.texts.size === 0) break;
    for (const path of more.notText) notText.add(path);
    texts = new Map([...texts, ...more.texts]);
  }
  refuseOthers({ ...frame, texts }, { notText, host });
  return { ...frame, texts: new Map([...texts].filter(([path]) => !notText.has(path))) };
}

/** A file that is no text could be neither compared nor written back as it was. Others in the folder do not matter. */
function refuseOthers(
  sources: Sources,
  { notText, host }: { readonly notText: ReadonlySet<string>; readonly host: RemoteHost },
): void {
  if (notText.size === 0) return;
  const used = [sources.main, ...compose(sources).origins.map(({ file }) => file)];
  const broken = used.find((file) => notText.has(file));
  if (broken === undefined) return;
  throw new ProblemError({
    code: 'dashboard-invalid',
    message: `${broken} on ${host.entry.name} is no text in UTF-8.`,
    where: broken,
    hint: 'Save it as UTF-8; nothing is written until then.',
  });
}
