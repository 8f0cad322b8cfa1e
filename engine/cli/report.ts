import type { ChangesFile, ResultFile } from '../../schema/index.ts';
import type { Outcome } from '../types.ts';
import type { Done } from './act.ts';
import { dotenv, json, writeFiles, type OutOptions } from './files.ts';
import { exitCodes, type CliPorts } from './ports.ts';
import { count, paint, renderProblem } from './print.ts';
import { filled } from './repository-options.ts';

export interface Reporting {
  readonly command: string;
  readonly options: OutOptions & { readonly json?: boolean };
  readonly environment: string;
  readonly revision: string | null;
  readonly changes: ChangesFile | null;
}

/** Prints how a command ended, writes result.json and sentinel.env, and answers the exit code. */
export async function report(
  done: Done,
  { command, options, environment, revision, changes }: Reporting,
  cli: CliPorts,
): Promise<number> {
  const { outcome, services, problem, deployment, digest } = done;
  const pipeline = pipelineOf(cli);
  const result: ResultFile = {
    ...{ command, outcome, services, problem, deployment, revision, environment },
    ...(pipeline === null ? {} : { pipeline }),
  };
  const none: ChangesFile = {
    deploy: [],
    remove: [],
    added: 0,
    modified: 0,
    deleted: 0,
    total: 0,
    mode: 'full',
  };
  await writeFiles(options, cli, {
    'result.json': json(result),
    // Jobs that run side by side hand on a file of their own, so that whoever is last knows them all.
    [`results/${command}.json`]: json(result),
    'sentinel.env': dotenv({ outcome, environment, changes: changes ?? none, digest }),
  });
  if (options.json === true) cli.out(json(result));
  else cli.out(renderEnd(done, cli));
  return exitCodeOf(done);
}

/** The exit code says what a person has to do about it. */
export function exitCodeOf({
  outcome,
  deployment,
  problem,
}: Pick<Done, 'outcome' | 'deployment' | 'problem'>): number {
  switch (outcome) {
    case 'succeeded':
      return exitCodes.ok;
    case 'degraded':
      return exitCodes.degraded;
    case 'rolled-back':
      return exitCodes.rolledBack;
    case 'needs-attention':
      return exitCodes.attention;
    case 'failed':
      return problem?.code === 'input-missing' ? exitCodes.couldNotRun : exitCodes.problems;
    case 'cancelled':
      return deployment === null ? exitCodes.couldNotRun : exitCodes.rolledBack;
  }
}

const words: Readonly<Record<Outcome, string>> = {
  succeeded: 'as it should be',
  degraded: 'works, but something around it does not',
  'rolled-back': 'failed, and is as it was before',
  failed: 'failed',
  'needs-attention': 'could not be put back: look at it',
  cancelled: 'stopped; nothing of it stands',
};

function renderEnd({ outcome, services, problem, deployment }: Done, cli: CliPorts): string {
  const color = outcome === 'succeeded' ? 'green' : outcome === 'degraded' ? 'yellow' : 'red';
  const names = Object.entries(services);
  const lines = names.map(([name, how]) => `  ${name}: ${words[how]}\n`);
  const id = deployment === null ? '' : `, ${deployment}`;
  const head = `${paint(cli.color, color, outcome)}  ${count(names.length, 'service')}${id}\n`;
  return `${problem === null ? '' : renderProblem(problem, cli)}${head}${lines.join('')}`;
}

function pipelineOf({ env }: CliPorts): NonNullable<ResultFile['pipeline']> | null {
  const id = Number(filled(env['CI_PIPELINE_ID']));
  return Number.isSafeInteger(id) && id > 0 ? { id, url: filled(env['CI_PIPELINE_URL']) ?? null } : null;
}
