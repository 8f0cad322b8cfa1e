import { planDigest } from './digest.ts';
import { inOrder } from './phases.ts';
import type { Ports, Scope, Settled, Stage, Survey } from './ports.ts';
import type { Problem } from './problems.ts';
import { stages } from './stages/index.ts';
import { leftAlone } from './left-alone.ts';
import type { Plan, PlannedService, Result, Risk, StageName, Step } from './types.ts';

/** What a plan is about, beside the world it finds. */
export interface PlanFrame {
  readonly repository: string;
  readonly environment: string;
  readonly revision: string;
  readonly scope: Scope;
  /** Risks that come from Git rather than from a system. */
  readonly risks: readonly Risk[];
}

/** Observes every system a service touches, compares, and returns ordered steps with a digest. Changes nothing. */
export async function makePlan(frame: PlanFrame, ports: Ports, signal: AbortSignal): Promise<Result<Plan>> {
  const found = await survey(frame.scope, ports, signal);
  if (found.problems.length > 0) return { ok: false, problems: found.problems };
  const steps = inOrder(found.steps).map((step, index) => ({
    ...step,
    id: `${index + 1} ${step.stage} ${step.service}`,
  }));
  return { ok: true, value: sealPlan(frame, { ...found, steps }) };
}

/** Puts what was found into a frozen plan. */
function sealPlan(
  { repository, environment, revision, scope, risks }: PlanFrame,
  found: Pick<Found, 'steps' | 'risks' | 'proofs' | 'diff'>,
): Plan {
  const plan = {
    repository,
    environment,
    revision,
    services: scope.services.map((scoped) => describe(scoped, found)),
    steps: found.steps,
    risks: [...risks, ...found.risks],
    downtime: downtimeOf(found.steps),
    diff: found.diff,
  };
  return Object.freeze({ ...plan, digest: planDigest(plan) });
}

interface Found {
  readonly steps: readonly Step[];
  readonly risks: readonly Risk[];
  readonly proofs: Readonly<Record<string, readonly string[]>>;
  readonly diff: string;
  readonly problems: readonly Problem[];
}

/** All systems are looked at at the same time; what follows from all of them comes after. */
async function survey(scope: Scope, ports: Ports, signal: AbortSignal): Promise<Found> {
  const all: readonly Stage<StageName>[] = Object.values(stages);
  const parts = await Promise.all(
    all.map(async (stage) => leftAlone(stage, scope, await stage.survey(scope, ports, signal))),
  );
  const found = joined(parts);
  const settled: Settled = Object.fromEntries(
    all.map(({ name }, index) => [name, Object.keys(parts[index]?.proofs ?? {})]),
  );
  const concluded = all.flatMap(
    (stage): readonly Step[] => stage.conclude?.(scope, found.steps, settled) ?? [],
  );
  return { ...found, steps: [...found.steps, ...concluded] };
}

function joined(parts: readonly Survey<StageName>[]): Found {
  const proofs: Record<string, readonly string[]> = {};
  for (const [name, lines] of parts.flatMap((part) => Object.entries(part.proofs)))
    proofs[name] = [...(proofs[name] ?? []), ...lines];
  return {
    steps: parts.flatMap(({ steps }) => steps),
    risks: parts.flatMap(({ risks }) => risks),
    proofs,
    diff: parts
      .map(({ diff }) => diff)
      .filter((diff) => diff !== '')
      .join('\n'),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

function describe(
  scoped: Scope['services'][number],
  { steps, proofs }: Pick<Found, 'steps' | 'proofs'>,
): PlannedService {
  const { name, displayName, category, host, dependsOn } = scoped.service;
  const own = steps.filter(({ service, stage }) => service === name && stage !== 'verify');
  return {
    name,
    displayName,
    category,
    host,
    dependsOn,
    action: actionOf(scoped.want, own),
    proof: own.length > 0 ? [] : (proofs[name] ?? []),
  };
}

function actionOf(want: Scope['services'][number]['want'], own: readonly Step[]): PlannedService['action'] {
  if (own.length === 0) return 'none';
  if (want === 'absent') return 'delete';
  if (want === 'release') return 'rollback';
  const isNew = own.some(({ stage, before }) => stage === 'deploy' && before === null);
  return isNew && own.every(({ before }) => before === null) ? 'add' : 'modify';
}

/** Seconds one container change keeps a service away: stop, create and start as measured on a small host. */
const SECONDS_PER_RESTART = 5;

function downtimeOf(steps: readonly Step[]): number {
  // Services change in parallel, so the longest counts, not the sum. What was not there has no downtime.
  return steps.some(({ stage, before }) => stage === 'deploy' && before !== null) ? SECONDS_PER_RESTART : 0;
}
