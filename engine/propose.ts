import { allowed, refusal } from './access.ts';
import { inEnvironment, type EngineContext } from './context.ts';
import { draftRequest } from './draft.ts';
import { fail, type Drafted } from './drafted.ts';
import { withHostHoldings } from './holdings/index.ts';
import { newId } from './ids.ts';
import { routeOf } from './pipeline/route.ts';
import { makePlan } from './planner.ts';
import { approvalRule } from './policy.ts';
import type { Problem } from './problems.ts';
import type { Actor, Capability, Draft, Plan, Proposal, Request, Result } from './types.ts';

/** Makes a plan for a request and keeps it, so that buttons can name it. Reads only, but for an unpublished commit. */
export async function propose(
  context: EngineContext,
  { request, actor }: { readonly request: Request; readonly actor: Actor },
  signal: AbortSignal,
): Promise<Result<Proposal>> {
  const environment = request.environment ?? defaultEnvironment(context);
  if (!context.environments.includes(environment))
    return fail(unknownEnvironment(environment, context.environments));
  const denied = authorise(context, actor, {
    capability: capabilityToPropose(request),
    environment,
    action: `propose ${request.kind}`,
  });
  if (denied !== null) return fail(denied);
  const planned = await planRequest(context, { request, environment, actor, existing: null }, signal);
  if (!planned.ok) return planned;
  return { ok: true, value: keep(context, { request, actor, ...planned.value }) };
}

export interface Planned {
  readonly plan: Plan;
  readonly drafted: Drafted;
}

/** Draft and survey, for the first plan. */
async function planRequest(
  everywhere: EngineContext,
  input: {
    readonly request: Request;
    readonly environment: string;
    readonly actor: Actor;
    readonly existing: Draft | null;
  },
  signal: AbortSignal,
): Promise<Result<Planned>> {
  const context = await inEnvironment(everywhere, input.environment, signal);
  const drafted = await draftRequest(context, input, signal);
  if (!drafted.ok) return drafted;
  const route = await routeOf(context, { request: input.request, drafted: drafted.value }, signal);
  if (!route.ok) return route;
  return planDrafted(context, { ...drafted.value, route: route.value }, signal);
}

/** Surveys every system for a drafted request. */
export async function planDrafted(
  context: EngineContext,
  asked: Drafted,
  signal: AbortSignal,
): Promise<Result<Planned>> {
  const drafted = await withHeld(context, asked, signal);
  const made = await makePlan(drafted.frame, context.ports, signal);
  if (!made.ok) return made;
  const { gitDiff = '' } = drafted;
  // The diff is for people and not part of the digest; what a commit of ours changes is named by its revision.
  const plan =
    gitDiff === '' ? made.value : Object.freeze({ ...made.value, diff: `${gitDiff}${made.value.diff}` });
  return { ok: true, value: { plan, drafted } };
}

/** The hosts also know what the command line left on the systems around the services. */
async function withHeld(context: EngineContext, drafted: Drafted, signal: AbortSignal): Promise<Drafted> {
  const { environment, scope } = drafted.frame;
  const known = { environment, since: context.store.holdings.since, ports: context.ports };
  return { ...drafted, frame: { ...drafted.frame, scope: await withHostHoldings(scope, known, signal) } };
}

/** Stores a plan as an open proposal and records that it was shown. */
export function keep(
  context: EngineContext,
  { request, actor, plan, drafted }: Planned & { readonly request: Request; readonly actor: Actor },
): Proposal {
  const rule = approvalRule(plan, context.approvals);
  const now = context.clock.now();
  const proposal: Proposal = {
    id: newId('p'),
    request: settled(request, drafted),
    plan,
    rule,
    requestedBy: actor,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + rule.expiresSeconds * 1000).toISOString(),
    state: 'open',
    votes: [],
    deployment: null,
    draft: drafted.draft,
    offer: null,
  };
  const { service, kind } = describe(request);
  context.store.atomically(() => {
    context.store.proposals.create(proposal);
    context.store.audit.append({
      actor,
      action: 'proposed',
      proposal: proposal.id,
      detail: {
        kind,
        service,
        environment: plan.environment,
        revision: plan.revision,
        digest: plan.digest,
        steps: plan.steps.length,
      },
    });
  });
  return proposal;
}

/**
 * A rollback to “the last verified release” names it from now on: asked again later, that would be another one. The
 * same goes for the route, where there are two.
 */
function settled(request: Request, { frame, source, route }: Drafted): Request {
  const [scoped] = frame.scope.services;
  const chosen = source.pipelines === null || route === undefined ? request : { ...request, route };
  return chosen.kind === 'rollback' && scoped?.want === 'release'
    ? { ...chosen, release: scoped.release }
    : chosen;
}

/** Checks a capability and records the refusal. */
export function authorise(
  { access, store }: Pick<EngineContext, 'access' | 'store'>,
  actor: Actor,
  {
    capability,
    environment,
    action,
  }: { readonly capability: Capability; readonly environment: string | undefined; readonly action: string },
): Problem | null {
  if (allowed(access, actor, { capability, environment })) return null;
  const problem = refusal(capability, environment);
  store.audit.append({
    actor,
    action: 'denied',
    detail: { wanted: action, capability, environment: environment ?? null },
  });
  return problem;
}

/** What it takes to run, or ask for, a request of this kind. */
export function capabilityToRun({ kind }: Request): Capability {
  return kind === 'rollback' || kind === 'unwind' ? 'rollback' : 'deploy';
}

function capabilityToPropose(request: Request): Capability {
  if (request.kind === 'deploy' && request.version === undefined) return 'view';
  return capabilityToRun(request);
}

export function defaultEnvironment({ environments }: Pick<EngineContext, 'environments'>): string {
  return environments[0] ?? 'production';
}

function describe(request: Request): { readonly service: string | null; readonly kind: Request['kind'] } {
  return { kind: request.kind, service: 'service' in request ? request.service : null };
}

export function unknownEnvironment(name: string, known: readonly string[]): Problem {
  return {
    code: 'configuration-invalid',
    message: `There is no environment “${name}”.`,
    hint: `bot.yml has: ${known.join(', ')}.`,
  };
}
