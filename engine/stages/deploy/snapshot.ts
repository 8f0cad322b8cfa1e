import type { RemoteHost } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import type { Release } from '../../types.ts';
import { snapshotScript } from './apply-script.ts';
import { failureOf } from './classify.ts';
import type { Job } from './job.ts';
import { listContainers } from './observe.ts';
import { formatRelease } from './release-record.ts';

/** Keeps, on the host, files that no release holds yet, so that they can be put back. */
export async function takeSnapshots(
  host: RemoteHost,
  jobs: readonly Job[],
  { deployment, now }: { readonly deployment: string; readonly now: Date },
  signal: AbortSignal,
): Promise<void> {
  const wanted = jobs.filter(({ snapshot }) => snapshot !== null);
  if (wanted.length === 0) return;
  const containers = await listContainers(host, signal);
  const idOf = (project: string, service: string) =>
    containers.find((found) => found.project === project && found.service === service)?.imageId ?? null;
  await Promise.all(
    wanted.map(async ({ step: { service, before }, path, snapshot }) => {
      if (snapshot === null || before === null) return;
      const images = Object.entries(before.images);
      const record: Release = {
        id: snapshot,
        service,
        revision: before.revision,
        deployment,
        // Before the release that replaces it, whatever the order in which they are written.
        createdAt: new Date(now.getTime() - 1000).toISOString(),
        files: before.files,
        env: {},
        images: Object.fromEntries(
          images.map(([name, image]) => [name, { ...image, id: idOf(service, name) }]),
        ),
        checks: before.checks,
        verifiedAt: null,
      };
      const files = [...Object.keys(before.files), '.env'].join('\n');
      const args = [path, snapshot, formatRelease(record), files];
      const result = await host.run({ script: snapshotScript, args }, signal);
      if (result.exitCode !== 0)
        throw new ProblemError(failureOf({ host: host.entry.name, command: `cp ${path}/*` }, result));
    }),
  );
}
