import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parsePlanFile, type PlanFile } from '../../schema/index.ts';
import { planDigest } from '../digest.ts';
import { movedSteps } from '../moved.ts';
import { ProblemError, type Problem } from '../problems.ts';
import type { Step } from '../types.ts';
import { outDirectory, type OutOptions } from './files.ts';
import { filled } from './repository-options.ts';
import type { CliPorts } from './ports.ts';

export interface PlanOptions extends OutOptions {
  /** A file, or false with --no-plan. */
  readonly plan?: string | false;
}

/** The plan that was agreed to: the file, and that an approval was given for exactly it where one was. Null: none is there. */
export async function readAgreedPlan(options: PlanOptions, ports: CliPorts): Promise<PlanFile | null> {
  const approved = filled(ports.env['SENTINEL_PLAN_DIGEST']);
  if (options.plan === false && approved === undefined) return null;
  const named = typeof options.plan === 'string' ? options.plan : undefined;
  const file =
    named === undefined
      ? join(outDirectory(options, ports) ?? ports.directory, 'plan.json')
      : resolve(ports.directory, named);
  if (!existsSync(file)) {
    if (named === undefined && approved === undefined) return null;
    throw new ProblemError({
      code: 'input-missing',
      message: `${file} is not there${approved === undefined ? '' : ', and an approval was given for a plan'}.`,
      hint: 'Let `sentinel plan` write it in an earlier job, as an artifact.',
    });
  }
  if (named === undefined && approved === undefined && outDirectory(options, ports) === null) return null;
  const plan = await readPlan(file);
  if (approved !== undefined && plan.digest !== approved)
    throw new ProblemError(
      stale([
        `the approval was given for plan ${approved.slice(0, 12)}, and plan.json is ${plan.digest.slice(0, 12)}`,
      ]),
    );
  return plan;
}

/** The digest is counted again: a file says what it likes. */
async function readPlan(file: string): Promise<PlanFile> {
  const parsed = parsePlanFile(await readFile(file, 'utf8'), file);
  if (!parsed.ok) {
    const [problem] = parsed.problems;
    throw new ProblemError({
      code: 'input-missing',
      message: `${file} is no plan: ${problem?.message ?? 'it is not readable'}.`,
      hint: 'Let `sentinel plan` write it again.',
    });
  }
  return { ...parsed.value, digest: planDigest(parsed.value) };
}

/** Pure: what somebody has to know who agreed to the first and would get the second; empty where they are the same. */
export function movedFrom(
  agreed: Pick<PlanFile, 'revision' | 'environment' | 'steps'>,
  now: Pick<PlanFile, 'revision' | 'environment'> & { readonly steps: readonly Step[] },
): readonly string[] {
  const moved: string[] = [];
  if (agreed.environment !== now.environment)
    moved.push(`it was made for the environment ${agreed.environment}, not ${now.environment}`);
  if (agreed.revision !== now.revision)
    moved.push(`it was made for commit ${agreed.revision.slice(0, 8)}, not ${now.revision.slice(0, 8)}`);
  const key = ({ stage, service, target }: PlanFile['steps'][number]): string =>
    `${stage} ${service} ${target}`;
  // Checks change nothing, and follow from what is still to be done.
  const acting = now.steps.filter(({ stage }) => stage !== 'verify');
  const concerned = new Set(acting.map(key));
  // What was done by an earlier job is simply gone.
  const old = agreed.steps.filter((step) => concerned.has(key(step)));
  return [...moved, ...movedSteps(old, acting)];
}

export function stale(moved: readonly string[]): Problem {
  return {
    code: 'plan-stale',
    message: `Nothing was touched, because this is not what was planned: ${moved.join('; ')}.`,
    hint: 'Plan again, and let the new plan be agreed to.',
  };
}
