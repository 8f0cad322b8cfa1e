import type { RemoteHost, ScopedService } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import { failureOf } from './classify.ts';
import { parseContainers } from './docker-answers.ts';
import type { FoundContainer, HostObservation, RegistryAnswer } from './found.ts';
import { askRegistry, inspectImages, lookUpImages, splitReference } from './observe-images.ts';
import { observeInput, observeScript, parseObservation } from './observe-script.ts';

export interface ObserveOptions {
  /** False leaves the registries alone, for a quick look. */
  readonly askRegistries: boolean;
}

/** Looks at everything on one host that the scoped services touch. Changes nothing. */
export async function observeHost(
  host: RemoteHost,
  scoped: readonly ScopedService[],
  { askRegistries }: ObserveOptions,
  signal: AbortSignal,
): Promise<HostObservation> {
  const references = scoped
    .filter(({ want }) => want === 'present')
    .flatMap(({ service }) => service.containers.map(({ image }) => image));
  const [files, containers, lookups] = await Promise.all([
    observeFiles(host, scoped, signal),
    listContainers(host, signal),
    askRegistries
      ? lookUpImages(host, references, signal)
      : inspectImages(host, references, signal).then((images) => ({
          images,
          registry: new Map<string, RegistryAnswer>(),
        })),
  ]);
  const { images, registry } = lookups;
  const released = scoped.flatMap((item) =>
    item.want === 'release'
      ? (files.places.get(item.service.installPath)?.releases ?? [])
          .filter(({ id }) => id === item.release)
          .flatMap((release) => Object.values(release.images))
      : [],
  );
  const projects = new Set(scoped.map(({ name }) => name));
  const known = new Set([...images.values()].map(({ id }) => id));
  const missing = [
    ...containers.filter((c) => c.project !== null && projects.has(c.project)).map((c) => c.imageId),
    ...released.flatMap(({ id, reference }) => (id === null ? [reference] : [id, reference])),
  ].filter((id) => id !== '' && !known.has(id));
  for (const [id, image] of await inspectImages(host, missing, signal)) images.set(id, image);
  for (const image of [...images.values()]) images.set(image.id, image);
  if (askRegistries)
    for (const { id, reference, digest } of released)
      if ((id === null || !images.has(id)) && digest !== null) {
        const pinned = `${splitReference(reference).repository}@${digest}`;
        registry.set(pinned, await askRegistry(host, pinned, signal));
      }
  return { entry: host.entry, ...files, containers, images, registry };
}

async function observeFiles(host: RemoteHost, scoped: readonly ScopedService[], signal: AbortSignal) {
  const asked = scoped.map(({ service }) => ({
    path: service.installPath,
    files: Object.keys(service.files),
  }));
  const result = await host.run(
    {
      script: observeScript,
      args: [host.entry.installRoot, host.entry.docker.command],
      stdin: observeInput(asked),
    },
    signal,
  );
  if (result.exitCode !== 0)
    throw new ProblemError(failureOf({ host: host.entry.name, command: 'sha256sum' }, result));
  return parseObservation(
    result.stdout,
    asked.map(({ path }) => path),
  );
}

/** Every container of the host, whoever started it. */
export async function listContainers(
  host: RemoteHost,
  signal: AbortSignal,
): Promise<readonly FoundContainer[]> {
  const answer = await host.docker({ method: 'GET', path: '/containers/json?all=1' }, signal);
  if (answer.status !== 200)
    throw new ProblemError({
      code: 'docker-not-running',
      message: `Docker on ${host.entry.name} answered ${answer.status} to a question about its containers.`,
      where: host.entry.name,
      evidence: [{ title: 'Docker Engine', text: answer.body.toString('utf8').slice(0, 500) }],
    });
  return parseContainers(answer.body);
}

const readScript = `
LC_ALL=C; export LC_ALL
set --
while read -r file; do [ -f "$file" ] && set -- "$@" "$file"; done
[ $# -gt 0 ] && grep '' /dev/null "$@"
exit 0
`;

/** Texts of files by absolute path. Only for files we wrote: other people's may hold secrets. */
export async function readTexts(
  host: RemoteHost,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  if (paths.length === 0) return texts;
  const stdin = paths.map((path) => `${path}\n`).join('');
  const { stdout } = await host.run({ script: readScript, stdin }, signal);
  // `grep` puts the name before each line; longer names first, so that none hides behind a shorter one.
  const names = [...new Set(paths)].sort((a, b) => b.length - a.length);
  for (const line of stdout.split('\n')) {
    const name = names.find((path) => line.startsWith(`${path}:`));
    if (name !== undefined) texts.set(name, `${texts.get(name) ?? ''}${line.slice(name.length + 1)}\n`);
  }
  return texts;
}
