import type { RemoteHost } from '../../ports.ts';
import { type Problem, toProblem } from '../../problems.ts';
import type { Release } from '../../types.ts';
import { snapshotScript } from './apply-script.ts';
import { failureOf } from './classify.ts';
import type { Job } from './job.ts';
import { listContainers } from './observe.ts';
import { formatRelease } from './release-record.ts';

/** Keeps, on the host, files that no release holds yet, so that they can be put back. Answers what failed, by step. */
export async function takeSnapshots(
  host: RemoteHost,
  jobs: readonly Job[],
  { deployment, now }: { readonly deployment: string; readonly now: Date },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Problem>> {
  const problems = new Map<string, Problem>();
  const wanted = jobs.filter(({ snapshot }) => snapshot !== null);
  if (wanted.length === 0) return problems;
  const containers = await listContainers(host, signal);
  const idOf = (project: string, service: string) =>
    containers.find((found) => found.project === project && found.service === service)?.imageId ?? null;
  const keep = async (job: Job): Promise<void> => {
    const record = recordOf(job, { deployment, now, idOf });
    if (record === null) return;
    const files = [...Object.keys(record.files), '.env'].join('\n');
    const args = [job.path, record.id, formatRelease(record), files];
    const result = await host.run({ script: snapshotScript, args }, signal);
    const what = { host: host.entry.name, command: `cp ${job.path}/*` };
    if (result.exitCode !== 0) problems.set(job.step.id, failureOf(what, result));
  };
  await Promise.all(
    wanted.map((job) => keep(job).catch((error: unknown) => problems.set(job.step.id, toProblem(error)))),
  );
  return problems;
}

function recordOf(
  { step: { service, before }, snapshot, kept }: Job,
  known: {
    readonly deployment: string;
    readonly now: Date;
    readonly idOf: (project: string, service: string) => string | null;
  },
): Release | null {
  if (snapshot === null || before === null) return null;
  const images = Object.entries(before.images);
  return {
    id: snapshot,
    service,
    revision: before.revision,
    deployment: known.deployment,
    // Before the release that replaces it, whatever the order in which they are written.
    createdAt: new Date(known.now.getTime() - 1000).toISOString(),
    files: before.files,
    env: kept.releases.find(({ id }) => id === kept.current)?.env ?? {},
    images: Object.fromEntries(
      images.map(([name, image]) => [name, { ...image, id: known.idOf(service, name) }]),
    ),
    checks: before.checks,
    verifiedAt: null,
  };
}
