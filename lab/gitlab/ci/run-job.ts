import { mkdir } from 'node:fs/promises';
import { delimiter } from 'node:path';
import type { JobDefinition, Variables } from './ci-file.ts';
import { milliseconds } from './durations.ts';
import { expandVariables } from './expand-variables.ts';
import {
  collect,
  copyInto,
  type JobFolders,
  jobName,
  readDotenv,
  remove,
  writeFileVariables,
  writeJobFile,
} from './job-files.ts';
import { localRunnerArguments, localRunnerComplaint, localRunnerEnvironment } from './local-runner.ts';
import { type ProcessGroup, startGroup } from './process-group.ts';
import type { Trace } from './trace.ts';
import type { LabJob, LabVariable } from './types.ts';

export interface JobRun {
  readonly ended: Promise<JobEnd>;
  cancel(): void;
}
export type JobEnd =
  | { readonly kind: 'success'; readonly dotenv: Variables }
  | {
      readonly kind: 'failed';
      readonly failure: NonNullable<LabJob['failure']>;
      readonly exitCode: number;
      readonly dotenv: Variables;
    }
  | { readonly kind: 'canceled' };
export interface JobInput {
  readonly definition: JobDefinition;
  readonly folders: JobFolders;
  /** The checkout of the pipeline, as it was fetched. */
  readonly source: string;
  readonly commit: string;
  readonly trace: Trace;
  /** From the weakest to the strongest. */
  readonly variables: {
    readonly predefined: Variables;
    readonly file: Variables;
    /** What earlier jobs handed on. */
    readonly dotenv: Variables;
    readonly project: readonly LabVariable[];
    /** Given to this run. */
    readonly run: Variables;
  };
  /** Artifacts of earlier jobs. */
  readonly before: readonly { readonly job: string; readonly artifacts: string }[];
  readonly path: readonly string[];
  readonly grace: number;
}

/** Runs one job with gitlab-ci-local in a checkout of its own. */
export function runJob(input: JobInput): JobRun {
  let why: 'canceled' | 'timed out' | null = null;
  let group: ProcessGroup | null = null;
  let stopping: Promise<void> = Promise.resolve();
  const stop = (reason: NonNullable<typeof why>) => {
    why ??= reason;
    if (group !== null) stopping = group.stop(input.grace);
  };
  const stopped = (): typeof why => why;
  const run = async (): Promise<JobEnd> => {
    const values = await prepare(input);
    if (stopped() === 'canceled') return ended(input.trace, { kind: 'canceled' });
    group = startLocalRunner(input, values);
    const { exitCode, output } = await group.ended;
    await stopping;
    await group.stop(0);
    if (stopped() === 'canceled') return ended(input.trace, { kind: 'canceled' });
    return ended(input.trace, await finish(input, { exitCode, output, timedOut: stopped() !== null }));
  };
  const failed = (error: unknown): JobEnd => {
    input.trace.line(error instanceof Error ? error.message : String(error));
    return ended(input.trace, systemFailure);
  };
  const timer = setTimeout(() => stop('timed out'), milliseconds(input.definition.timeout ?? '1h'));
  return {
    ended: run()
      .catch(failed)
      .finally(() => clearTimeout(timer)),
    cancel: () => stop('canceled'),
  };
}

const systemFailure: JobEnd = { kind: 'failed', failure: 'runner_system_failure', exitCode: 1, dotenv: {} };

async function prepare(input: JobInput): Promise<Variables> {
  const { definition, folders, source, trace, before } = input;
  trace.section('prepare_executor', 'Preparing the "shell" executor');
  trace.line('Using Shell (bash) executor...');
  await Promise.all([mkdir(folders.home, { recursive: true }), mkdir(folders.state, { recursive: true })]);
  trace.section('get_sources', 'Getting source from Git repository');
  await copyInto(source, folders.project);
  trace.line(`Checking out ${input.commit.slice(0, 8)} as detached HEAD...`);
  if (before.length > 0) trace.section('download_artifacts', 'Downloading artifacts');
  for (const { job, artifacts } of before) {
    trace.line(`Downloading artifacts for ${job}...`);
    await copyInto(artifacts, folders.project);
  }
  const values = await valuesOf(input);
  await writeJobFile(definition, folders);
  trace.section('step_script', 'Executing "step_script" stage of the job script');
  trace.script();
  return values;
}

/** What nobody wrote as a variable (a commit's message, a report, a file's path) is taken as it is: no `$` means anything in it. */
async function valuesOf({ variables, folders }: JobInput): Promise<Variables> {
  const { predefined, file, dotenv, project, run } = variables;
  const own = await writeFileVariables(project, folders.files);
  const verbatim = new Set(Object.keys({ ...predefined, ...dotenv }));
  for (const name of Object.keys(file)) if (!(name in dotenv)) verbatim.delete(name);
  for (const { key, type } of project) {
    if (type === 'file') verbatim.add(key);
    else verbatim.delete(key);
  }
  for (const name of Object.keys(run)) verbatim.delete(name);
  return expandVariables({ ...predefined, ...file, ...dotenv, ...own, ...run }, verbatim);
}

function startLocalRunner({ folders, path }: JobInput, values: Variables): ProcessGroup {
  const names = Object.keys(values).join(',');
  return startGroup({
    command: process.execPath,
    args: [
      ...localRunnerArguments({ checkout: folders.project, state: folders.state, file: folders.ciFile }),
      '--json-schema-validation=false',
      `--ignore-predefined-vars=${names}`,
      jobName,
    ],
    cwd: folders.project,
    env: localRunnerEnvironment(
      { path: [...path, process.env['PATH'] ?? ''].join(delimiter), home: folders.home },
      values,
    ),
  });
}

async function finish(
  { definition, folders, trace }: JobInput,
  { exitCode, output, timedOut }: { exitCode: number | null; output: string; timedOut: boolean },
): Promise<JobEnd> {
  const { artifacts } = definition;
  await collect([...artifacts.junit, ...artifacts.dotenv], folders.project, folders.reports);
  const dotenv = await readDotenv(artifacts.dotenv, folders.reports);
  const succeeded = exitCode === 0;
  if (artifacts.when === (succeeded ? 'on_failure' : 'on_success')) await remove(folders.artifacts);
  else if (artifacts.paths.length > 0)
    trace.section(`upload_artifacts_on_${succeeded ? 'success' : 'failure'}`, 'Uploading artifacts');
  await remove(folders.project);
  if (succeeded) return { kind: 'success', dotenv };
  if (timedOut) return { kind: 'failed', failure: 'job_execution_timeout', exitCode: 1, dotenv };
  const [, code] = / FAIL (\d+) /.exec(output) ?? [];
  if (code === undefined) {
    trace.line(localRunnerComplaint(output, folders.project));
    return systemFailure;
  }
  return { kind: 'failed', failure: 'script_failure', exitCode: Number(code), dotenv };
}

function ended(trace: Trace, end: JobEnd): JobEnd {
  switch (end.kind) {
    case 'success':
      trace.done();
      break;
    case 'canceled':
      trace.canceled();
      break;
    case 'failed':
      trace.failed(
        end.failure === 'script_failure'
          ? `exit code ${end.exitCode}`
          : end.failure === 'job_execution_timeout'
            ? 'execution took longer than its timeout'
            : 'system failure',
      );
      break;
  }
  return end;
}
