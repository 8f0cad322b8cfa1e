import { posix } from 'node:path';
import { pack } from 'tar-stream';
import type { RemoteHost, Secrets } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import { failureOf } from './classify.ts';
import type { Service } from '../../types.ts';

/** A release about to be written on a host. Holds secrets: it stays in memory. */
export interface StagedRelease {
  readonly service: Service;
  readonly release: string;
  readonly envText: string | null;
}

/**
 * Standard input is a tar of every file, with names from the root. $1: install directories, $2: release directories, a
 * line each. Those of releases are private, as they hold \`.env\` files.
 */
const stageScript = `
set -f
IFS='
'
umask 022
mkdir -p -- $1 || exit 1
umask 077
mkdir -p -- $2 || exit 1
umask 022
tar -xpof - -C /
`;

/** Writes all files of all releases into their release directories, in one stream. Nothing that runs sees them. */
export async function stageFiles(
  host: RemoteHost,
  staged: readonly StagedRelease[],
  secrets: Secrets,
  signal: AbortSignal,
): Promise<void> {
  const stdin = await packReleases(staged);
  const result = await host.run(
    {
      script: stageScript,
      args: [
        staged.map(({ service }) => service.installPath).join('\n'),
        staged.map(releaseDirectory).join('\n'),
      ],
      stdin,
      timeoutMs: 120_000,
    },
    signal,
  );
  if (result.exitCode === 0) return;
  throw new ProblemError(
    failureOf({ host: host.entry.name, command: 'tar -x' }, result, (text) => secrets.redact(text)),
  );
}

export function releaseDirectory({ service, release }: Pick<StagedRelease, 'service' | 'release'>): string {
  return `${service.installPath}/.sentinel/releases/${release}`;
}

async function packReleases(staged: readonly StagedRelease[]): Promise<Buffer> {
  const archive = pack();
  const chunks: Buffer[] = [];
  archive.on('data', (chunk: unknown) => {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  });
  const ended = new Promise<void>((resolve, reject) => {
    archive.once('end', resolve);
    archive.once('error', reject);
  });
  for (const item of staged) {
    const directory = releaseDirectory(item).replace(/^\/+/, '');
    for (const [name, content] of Object.entries(item.service.files))
      archive.entry(
        {
          name: `${directory}/${name}`,
          mode: item.service.executable?.includes(name) === true ? 0o755 : 0o644,
        },
        content,
      );
    if (item.envText !== null) archive.entry({ name: `${directory}/.env`, mode: 0o600 }, item.envText);
  }
  archive.finalize();
  await ended;
  return Buffer.concat(chunks);
}

/** File names that would leave the install directory or hide our own bookkeeping. */
export function unsafeNames(service: Service): readonly string[] {
  return Object.keys(service.files).filter(
    (name) =>
      posix.isAbsolute(name) ||
      posix.normalize(name) !== name ||
      name.startsWith('..') ||
      name.startsWith('.sentinel/') ||
      ['.env', 'release.json', ''].includes(name) ||
      // Names travel to the host a line each, and Compose's own are looked for by these characters.
      // eslint-disable-next-line no-control-regex
      /[\u0000-\u001f]/.test(name),
  );
}
