import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { startCi } from '../../../../lab/gitlab/ci/start-ci.ts';
import type {
  Ci,
  CiOptions,
  LabJob,
  LabPipeline,
  LabUser,
  StartRequest,
} from '../../../../lab/gitlab/ci/types.ts';

const missing = ['git', 'rsync', 'bash'].filter((name) => spawnSync(name, ['--version']).error !== undefined);
/** Why these tests cannot run on this machine; empty when they can. */
export const unable = missing.length === 0 ? '' : ` (skipped: ${missing.join(', ')} not installed)`;

export const alice: LabUser = { id: 7, username: 'alice', name: 'Alice Doe', email: 'alice@lan' };

export interface CiWorld {
  readonly ci: Ci;
  readonly folder: string;
  readonly changes: readonly string[];
  /** Commits these files (null removes one) to a branch and pushes it. */
  push(
    files: Readonly<Record<string, string | null>>,
    options?: { readonly branch?: string; readonly message?: string },
  ): Promise<{ readonly commit: string; readonly before: string }>;
  /** Starts a pipeline for the commit pushed last. */
  run(request?: Partial<StartRequest>): Promise<LabPipeline>;
  maybeRun(request?: Partial<StartRequest>): Promise<LabPipeline | null>;
  /** The pipeline once its status is one of these. */
  until(id: number, ...statuses: readonly LabPipeline['status'][]): Promise<LabPipeline>;
  untilJob(pipeline: number, name: string, ...statuses: readonly LabJob['status'][]): Promise<LabJob>;
  job(pipeline: number, name: string): LabJob;
  /** What a job wrote, without colours and the runner's own lines. */
  said(pipeline: number, name: string): string;
  close(): Promise<void>;
}

/** A bare repository with the lab's CI over it. */
export async function createCiWorld(options: Partial<CiOptions> = {}): Promise<CiWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'ci-world-'));
  const [bare, tree] = [join(folder, 'services.git'), join(folder, 'tree')];
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  const git = async (...args: readonly string[]) =>
    (await execa('git', ['-c', 'user.name=Alice', '-c', 'user.email=alice@lan', ...args], { cwd: tree, env }))
      .stdout;
  await mkdir(tree);
  await execa('git', ['init', '-q', '--bare', '-b', 'main', bare], { env });
  await git('init', '-q', '-b', 'main');
  let id = 100;
  const ci = await startCi({
    repository: bare,
    project: { id: 3, path: 'homelab/services', url: 'http://gitlab.lan:8929/homelab/services' },
    nextId: () => ++id,
    variables: () => [],
    path: [],
    concurrency: 4,
    grace: 2000,
    ...options,
  });
  const changes: string[] = [];
  const waiting = new Set<() => void>();
  ci.onChange(({ pipeline, job }) => {
    changes.push(job === null ? `pipeline ${pipeline.status}` : `${job.name} ${job.status}`);
    for (const look of waiting) look();
  });
  const when = <T>(look: () => T | undefined) =>
    new Promise<T>((resolve) => {
      const again = () => {
        const found = look();
        if (found === undefined) return;
        waiting.delete(again);
        resolve(found);
      };
      waiting.add(again);
      again();
    });

  let last = { commit: '', before: '0'.repeat(40), branch: 'main', message: '' };
  const tips = new Map<string, string>();
  const maybeRun = (request: Partial<StartRequest> = {}) =>
    ci.start({ ...last, source: 'push', by: alice, variables: {}, ...request });
  const job = (pipeline: number, name: string) =>
    ci.pipeline(pipeline)!.jobs.findLast((each) => each.name === name)!;
  return {
    ci,
    folder,
    changes,
    push: async (files, { branch = 'main', message = 'Change' } = {}) => {
      if (!tips.has(branch) && branch !== 'main') await git('checkout', '-q', '-b', branch, 'main');
      else if (tips.size > 0) await git('checkout', '-q', branch);
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(tree, path)), { recursive: true });
        if (content === null) await rm(join(tree, path));
        else await writeFile(join(tree, path), content);
      }
      await git('add', '-A');
      await git('commit', '-q', '--allow-empty', '-m', message);
      await git('push', '-q', bare, branch);
      const commit = await git('rev-parse', 'HEAD');
      last = { commit, before: tips.get(branch) ?? '0'.repeat(40), branch, message };
      tips.set(branch, commit);
      return last;
    },
    maybeRun,
    run: async (request) => (await maybeRun(request))!,
    until: (pipeline, ...statuses) =>
      when(() => {
        const found = ci.pipeline(pipeline);
        return found !== undefined && statuses.includes(found.status) ? found : undefined;
      }),
    untilJob: (pipeline, name, ...statuses) =>
      when(() => {
        const found = job(pipeline, name);
        return statuses.includes(found.status) ? found : undefined;
      }),
    job,
    said: (pipeline, name) => spoken(ci.trace(job(pipeline, name).id)),
    close: async () => {
      await ci.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function spoken(trace: string): string {
  return trace
    .split('\n')
    .filter((line) => !line.includes('\u001b'))
    .filter((line) => !/^(Using Shell|Checking out|Downloading artifacts)/.test(line))
    .join('\n')
    .trim();
}
