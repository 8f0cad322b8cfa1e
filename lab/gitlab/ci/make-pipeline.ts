import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { CiFile, Variables } from './ci-file.ts';
import { ciFileName, type Git } from './git.ts';
import { wildcardFits } from './glob.ts';
import { jobFolders } from './job-files.ts';
import { predefined, visibleVariables } from './job-variables.ts';
import { placeIncludes } from './place-includes.ts';
import { type Planned, type PlannedJob, planJobs } from './plan-jobs.ts';
import type { CiFileReader } from './read-ci-file.ts';
import type { JobRecord, PipelineRecord } from './records.ts';
import type { RuleWorld } from './rules.ts';
import { createTrace } from './trace.ts';
import type { CiOptions, LabUser, StartRequest } from './types.ts';

/** What pipelines are made with. */
export interface Workshop {
  readonly options: CiOptions;
  readonly git: Git;
  readonly folder: string;
  readonly home: string;
  readonly nextIid: () => number;
  readonly read: CiFileReader;
}

/** A pipeline with its jobs, none of them begun; null when GitLab would make none. */
export async function makePipeline(
  workshop: Workshop,
  request: StartRequest,
): Promise<PipelineRecord | null> {
  const { options, git, folder } = workshop;
  const skips = skipsCi(request);
  if (skips && options.skipped !== 'pipeline') return null;
  if (!(await git.has(`${request.commit}:${ciFileName}`))) return null;

  const id = options.nextId();
  const createdAt = new Date().toISOString();
  const protectedBranch = isProtected(options, request.branch);
  const source = join(folder, 'pipelines', String(id), 'source');
  const committedAt = await git.committedAt(request.commit);
  const known = (iid: number) =>
    predefined({ ...options, protectedBranch }, request, { id, iid, createdAt, committedAt });
  const planned: Planned = skips
    ? { kind: 'jobs', jobs: [] }
    : await planAt(workshop, { request, source, protectedBranch, variables: known(0) });
  if (planned.kind === 'nothing') return null;

  const iid = workshop.nextIid();
  const problem = planned.kind === 'problem' ? planned.problem : null;
  const plans = planned.kind === 'jobs' ? planned.jobs : [];
  return {
    view: firstView({ id, iid, createdAt, request, problem }),
    jobs: plans.map((plan) => makeJob(workshop, { pipeline: id, plan, by: request.by, attempt: 0 })),
    predefined: known(iid),
    protectedBranch,
    source,
  };
}

function isProtected({ protectedBranches, defaultBranch = 'main' }: CiOptions, branch: string): boolean {
  return (protectedBranches?.() ?? [defaultBranch]).some((pattern) => wildcardFits(pattern, branch));
}

interface PlanAt {
  readonly request: StartRequest;
  readonly source: string;
  readonly protectedBranch: boolean;
  readonly variables: Variables;
}

async function planAt(workshop: Workshop, input: PlanAt): Promise<Planned> {
  const { request, protectedBranch, variables } = input;
  const { options, git } = workshop;
  const read = await readAt(workshop, input);
  if ('problem' in read) return { kind: 'problem', problem: read.problem };
  return planJobs({
    file: read.file,
    world: ruleWorld(git, request),
    predefined: variables,
    stronger: (environment) => strongerVariables(options, request, { environment, protectedBranch }),
  }).catch((error: unknown) => ({
    kind: 'problem',
    problem: error instanceof Error ? error.message : String(error),
  }));
}

/** A job that waits for its turn. */
export function makeJob(
  { options, folder }: Pick<Workshop, 'options' | 'folder'>,
  job: {
    readonly pipeline: number;
    readonly plan: PlannedJob;
    readonly by: LabUser;
    readonly attempt: number;
  },
): JobRecord {
  const { pipeline, plan, by, attempt } = job;
  const id = options.nextId();
  const folders = jobFolders(join(folder, 'jobs', String(id)), options.project.path);
  return {
    view: {
      id,
      pipeline,
      name: plan.definition.name,
      stage: plan.definition.stage,
      status: 'created',
      allowFailure: plan.allowFailure === true,
      when: plan.when,
      environment: plan.environment,
      retried: false,
      failure: null,
      by,
      createdAt: new Date().toISOString(),
      startedAt: null,
      finishedAt: null,
    },
    plan,
    folders,
    trace: createTrace(folders.trace),
    attempt,
    played: {},
    dotenv: {},
    run: null,
  };
}

function skipsCi({ message, source }: StartRequest): boolean {
  return source === 'push' && /\[(?:ci[ _-]skip|skip[ _-]ci)\]/i.test(message);
}

function firstView(options: {
  readonly id: number;
  readonly iid: number;
  readonly createdAt: string;
  readonly request: StartRequest;
  readonly problem: string | null;
}): PipelineRecord['view'] {
  const { id, iid, createdAt, request, problem } = options;
  const { commit, before, branch, source, by, variables } = request;
  const failed = problem !== null;
  return {
    ...{ id, iid, commit, before, branch, source, by, variables, problem, createdAt },
    status: failed ? 'failed' : 'created',
    startedAt: null,
    finishedAt: failed ? createdAt : null,
  };
}

async function readAt(
  { options, git, home, read: readCiFile }: Workshop,
  input: PlanAt,
): Promise<{ readonly file: CiFile } | { readonly problem: string }> {
  const { request, source, protectedBranch } = input;
  const { commit, branch } = request;
  await mkdir(source, { recursive: true });
  await git.checkout({ folder: source, commit, branch, depth: 1 });
  const stronger = strongerVariables(options, request, { environment: null, protectedBranch });
  const state = `${source}.state`;
  const unknown = await placeIncludes({ checkout: source, state }, options);
  if (unknown !== null) return { problem: unknown };
  const read = await readCiFile({
    checkout: source,
    state,
    home,
    path: [...options.path, process.env['PATH'] ?? ''].join(delimiter),
    variables: { ...input.variables, ...stronger },
  });
  if ('problem' in read) return read;
  const depth = Number(stronger['GIT_DEPTH'] ?? read.file.variables['GIT_DEPTH'] ?? 20);
  if (depth !== 1) await git.deepen({ folder: source, commit, depth });
  return read;
}

function strongerVariables(
  options: CiOptions,
  request: StartRequest,
  job: { readonly environment: string | null; readonly protectedBranch: boolean },
): Variables {
  const visible = visibleVariables(options.variables(), job);
  return { ...Object.fromEntries(visible.map(({ key, value }) => [key, value])), ...request.variables };
}

function ruleWorld(git: Git, request: StartRequest): RuleWorld {
  const { commit, before, branch, source } = request;
  let files: Promise<readonly string[]> | null = null;
  return {
    branch,
    source,
    files: () => (files ??= git.files(commit)),
    changed: async (compareTo) => {
      if (compareTo !== null) return git.changed(await git.mergeBase(compareTo, commit), commit);
      // A branch's first push, and what no push started, has nothing to be compared with.
      if (source !== 'push' || /^0*$/.test(before) || !(await git.has(before))) return null;
      return git.changed(before, commit);
    },
  };
}
