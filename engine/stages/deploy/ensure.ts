import pLimit from 'p-limit';
import type { EnsureContext, RemoteHost, StepResult } from '../../ports.ts';
import { type Problem, ProblemError, toProblem } from '../../problems.ts';
import type { StepOf } from '../../types.ts';
import { apply, discardStaged } from './apply.ts';
import { checkCompose } from './check-compose.ts';
import { failureOf } from './classify.ts';
import { ensureImages, imageKey, type ImageResult } from './ensure-images.ts';
import { type Job, makeJob, pathOf } from './job.ts';
import { parsePrepared, type Prepared, prepareScript } from './prepare-script.ts';
import { takeSnapshots } from './snapshot.ts';
import { stageFiles } from './stage-files.ts';

/** More gain nothing, on any number of cores: the daemon itself becomes the limit. */
const mostAtOnce = 4;

/** Makes the steps of one host true: everything is brought there first, then the services change, a few at a time. */
export async function ensureDeploy(
  steps: readonly StepOf<'deploy'>[],
  context: EnsureContext,
  signal: AbortSignal,
): Promise<void> {
  const entry = context.scope.inventory.hosts[steps[0]?.system ?? ''];
  if (entry === undefined) throw new Error(`the inventory has no host ${steps[0]?.system ?? ''}`);
  const host = context.ports.host(entry);
  const fail = (failed: readonly StepOf<'deploy'>[], error: unknown, touched: boolean) => {
    for (const { id } of failed) context.report(id, { ok: false, problem: toProblem(error), touched });
  };
  let prepared: Prepared;
  try {
    prepared = await prepare(host, steps, signal);
  } catch (error) {
    fail(steps, error, false);
    return;
  }
  const jobs = steps.flatMap((step): readonly Job[] => {
    try {
      return [makeJob(step, keptBy(prepared, step), context)];
    } catch (error) {
      fail([step], error, false);
      return [];
    }
  });
  try {
    const brought = await bring(host, jobs, context, signal);
    const limit = pLimit(Math.min(mostAtOnce, 2 * prepared.cores));
    await Promise.all(
      jobs.map((job) =>
        limit(async () => {
          context.report(job.step.id, await change(host, job, { brought, context }, signal));
        }),
      ),
    );
  } catch (error) {
    fail(
      jobs.map(({ step }) => step),
      error,
      false,
    );
    await discardStaged(host, jobs);
  }
}

async function prepare(
  host: RemoteHost,
  steps: readonly StepOf<'deploy'>[],
  signal: AbortSignal,
): Promise<Prepared> {
  const paths = steps.flatMap((step) => pathOf(step) ?? []);
  const stdin = paths.map((path) => `${path}\n`).join('');
  const result = await host.run({ script: prepareScript, stdin }, signal);
  if (result.exitCode !== 0)
    throw new ProblemError(failureOf({ host: host.entry.name, command: 'sh' }, result));
  return parsePrepared(result.stdout, paths);
}

function keptBy({ kept }: Prepared, step: StepOf<'deploy'>) {
  return kept.get(pathOf(step) ?? '') ?? { releases: [], current: null, applying: null };
}

interface Brought {
  readonly images: ReadonlyMap<string, ImageResult>;
  /** What could not be kept, by step. */
  readonly snapshots: ReadonlyMap<string, Problem>;
}

/** Files and images come to the host at the same time; nothing that runs is touched. */
async function bring(
  host: RemoteHost,
  jobs: readonly Job[],
  { ports, deployment }: EnsureContext,
  signal: AbortSignal,
): Promise<Brought> {
  const staged = jobs.flatMap((job) =>
    job.kind === 'new' ? [{ service: job.service, release: job.release, envText: job.desired.envText }] : [],
  );
  const writing = staged.length === 0 ? Promise.resolve() : stageFiles(host, staged, ports.secrets, signal);
  const images = ensureImages(
    host,
    jobs.flatMap((job) => job.images),
    ports.secrets,
    signal,
  );
  const keeping = writing.then(() =>
    takeSnapshots(host, jobs, { deployment, now: ports.clock.now() }, signal),
  );
  const [kept, got] = await Promise.allSettled([keeping, images]); // a pull may not outlive this
  if (kept.status === 'rejected') throw kept.reason;
  if (got.status === 'rejected') throw got.reason;
  return { images: got.value, snapshots: kept.value };
}

/** Changes one service. What it needs is there, or it is left alone. */
async function change(
  host: RemoteHost,
  job: Job,
  { brought, context }: { readonly brought: Brought; readonly context: EnsureContext },
  signal: AbortSignal,
): Promise<StepResult> {
  const { images, snapshots } = brought;
  try {
    const unkept = snapshots.get(job.step.id);
    if (unkept !== undefined) throw new ProblemError(unkept);
    for (const image of job.images) {
      const result = images.get(imageKey(image));
      if (result?.ok === false) throw new ProblemError(result.problem);
    }
    if (job.kind === 'new' && job.service.layout === 'single') await checkCompose(host, job, context, signal);
    signal.throwIfAborted();
  } catch (error) {
    await discardStaged(host, [job]);
    return { ok: false, problem: toProblem(error), touched: false };
  }
  return apply(host, job, { images, context }, signal);
}
