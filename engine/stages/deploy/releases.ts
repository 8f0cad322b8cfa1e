import type { Ports } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import type { HostEntry, Release, Service } from '../../types.ts';
import { failureOf } from './classify.ts';
import { observeInput, observeScript, parseObservation } from './observe-script.ts';

export type ReleaseOnHost = Release & { readonly current: boolean };

/** Releases kept on the host, newest first; throws ProblemError when the host cannot be asked. */
export async function listReleases(
  service: Service,
  entry: HostEntry,
  ports: Ports,
  signal: AbortSignal,
): Promise<readonly ReleaseOnHost[]> {
  const stdin = observeInput([{ path: service.installPath, files: [] }]);
  const command = { script: observeScript, args: [entry.installRoot, entry.docker.command], stdin };
  const result = await ports.host(entry).run(command, signal);
  if (result.exitCode !== 0)
    throw new ProblemError(failureOf({ host: entry.name, command: 'sha256sum' }, result));
  const place = parseObservation(result.stdout, [service.installPath]).places.get(service.installPath);
  return (place?.releases ?? []).map((release) => ({ ...release, current: release.id === place?.current }));
}
