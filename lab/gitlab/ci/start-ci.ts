import { mkdir, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGit } from './git.ts';
import { fileIn, type JobFolders, remove } from './job-files.ts';
import { makePipeline, type Workshop } from './make-pipeline.ts';
import { createCiFileReader } from './read-ci-file.ts';
import { createChanges, type JobRecord, type PipelineRecord, snapshot } from './records.ts';
import { createScheduler } from './scheduler.ts';
import type { Ci, CiOptions } from './types.ts';

/**
 * The pipelines of one project. The lab plays GitLab's server: it judges the rules, keeps the order and the statuses.
 * gitlab-ci-local reads the files and runs each job, in a shell, in a checkout of its own.
 */
export async function startCi(options: CiOptions): Promise<Ci> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sentinel-lab-ci-')));
  const home = join(folder, 'home');
  await mkdir(home);
  const workshop: Workshop = {
    ...{ options, folder, home },
    git: createGit({ repository: options.repository, home }),
    nextIid: counter(),
    read: createCiFileReader(),
  };
  const changes = createChanges();
  const scheduler = createScheduler(workshop, changes);
  const records: PipelineRecord[] = [];
  const making = new Set<Promise<PipelineRecord | null>>();
  let closed = false;

  const found = (id: number): { readonly pipeline: PipelineRecord; readonly job: JobRecord } | null => {
    for (const pipeline of records)
      for (const job of pipeline.jobs) if (job.view.id === id) return { pipeline, job };
    return null;
  };
  const file = async (id: number, path: string, of: (folders: JobFolders) => string) => {
    const job = found(id)?.job;
    return job === undefined ? null : fileIn(of(job.folders), path);
  };

  return {
    start: async (request) => {
      const made = makePipeline(workshop, request);
      making.add(made);
      const pipeline = await made.finally(() => making.delete(made));
      if (pipeline === null || closed) return null;
      records.unshift(pipeline);
      changes.created(pipeline);
      const first = snapshot(pipeline);
      if (pipeline.view.problem === null) setImmediate(() => scheduler.add(pipeline));
      return first;
    },
    pipelines: () => records.map(snapshot),
    pipeline: (id) => {
      const record = records.find(({ view }) => view.id === id);
      return record && snapshot(record);
    },
    job: (id) => found(id)?.job.view,
    play: (id, by, variables) => {
      const target = found(id);
      return target !== null && scheduler.play(target.pipeline, target.job, { by, variables });
    },
    retry: (id, by) => {
      const target = found(id);
      return (target && scheduler.retry(target.pipeline, target.job, by))?.view ?? null;
    },
    cancel: (id) => {
      const record = records.find(({ view }) => view.id === id);
      if (record !== undefined) scheduler.cancel(record);
    },
    trace: (id) => {
      const job = found(id)?.job;
      return job === undefined || job.view.startedAt === null ? '' : job.trace.text();
    },
    artifact: (id, path) => file(id, path, ({ artifacts }) => artifacts),
    report: (id, path) => file(id, path, ({ reports }) => reports),
    onChange: changes.onChange,
    close: async () => {
      closed = true;
      await Promise.allSettled(making);
      await scheduler.close();
      await remove(folder);
    },
  };
}

function counter(): () => number {
  let last = 0;
  return () => ++last;
}
