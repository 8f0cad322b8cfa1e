import pLimit from 'p-limit';
import type { EnsureContext, RemoteHost, StepResult } from '../../ports.ts';
import { toProblem } from '../../problems.ts';
import type { RouteCheck, ServiceCheck, StepOf } from '../../types.ts';
import type { FoundContainer } from '../deploy/found.ts';
import { listContainers } from '../deploy/observe.ts';
import { checkName } from './check-name.ts';
import { checkRoute } from './check-route.ts';
import { checkService } from './check-service.ts';
import { markVerified } from './mark-verified.ts';

/** More than any fleet on one host has reason to watch at once; it bounds what is asked, not what is waited for. */
const mostAtOnce = 50;

/** Proves what the steps of one host say. A route is visited once the service behind it works. */
export async function ensureVerify(
  steps: readonly StepOf<'verify'>[],
  context: EnsureContext,
  signal: AbortSignal,
): Promise<void> {
  const limit = pLimit(mostAtOnce);
  const works = new Map<string, Promise<boolean>>();
  const tell = async (id: string, check: () => Promise<StepResult>): Promise<boolean> => {
    const result = await limit(check).catch((error: unknown): StepResult => ({
      ok: false,
      problem: toProblem(error),
      touched: false,
    }));
    context.report(id, result);
    return result.ok;
  };
  const checkContainers = serviceChecker(steps, context, signal);
  for (const { id, service, after } of steps)
    if (after?.kind === 'service')
      works.set(
        service,
        tell(id, () => checkContainers(service, after)),
      );
  const checkOther = async ({ id, service, after }: StepOf<'verify'>): Promise<void> => {
    if (after?.kind === 'service') return;
    if (after?.kind === 'route' && (await works.get(service)) === false) {
      context.report(id, notAsked(after, service));
      return;
    }
    await tell(id, () => {
      if (after === null) return Promise.resolve({ ok: true, did: ['nothing to check'] });
      return after.kind === 'name' ? checkName(after, context, signal) : checkRoute(after, context, signal);
    });
  };
  await Promise.all([noteVerified(steps, { works, context }, signal), ...steps.map(checkOther)]);
}

/** Checks of the containers of one host, which is asked only when there are any. */
function serviceChecker(
  [step]: readonly StepOf<'verify'>[],
  context: EnsureContext,
  signal: AbortSignal,
): (name: string, state: ServiceCheck) => Promise<StepResult> {
  let list: (() => Promise<readonly FoundContainer[]>) | null = null;
  return (name, state) => {
    const host = hostOf(step, context);
    list ??= sharedList(host, signal);
    const service = context.scope.services.find((scoped) => scoped.name === name)?.service;
    if (service === undefined) throw new Error(`the plan has no definition for ${name}`);
    return checkService({ service, state, host, context, list }, signal);
  };
}

function hostOf(step: StepOf<'verify'> | undefined, { scope, ports }: EnsureContext): RemoteHost {
  const entry = scope.inventory.hosts[step?.system ?? ''];
  if (entry === undefined) throw new Error(`the inventory has no host ${step?.system ?? ''}`);
  return ports.host(entry);
}

/** Behind a service that does not work there is nothing to find. */
function notAsked({ url }: RouteCheck, service: string): StepResult {
  const message = `${url} was not visited: ${service} itself does not work.`;
  return { ok: false, problem: { code: 'route-wrong', message }, touched: false };
}

async function noteVerified(
  steps: readonly StepOf<'verify'>[],
  {
    works,
    context,
  }: { readonly works: ReadonlyMap<string, Promise<boolean>>; readonly context: EnsureContext },
  signal: AbortSignal,
): Promise<void> {
  const proven = new Set<string>();
  for (const [service, worked] of works) if (await worked) proven.add(service);
  if (proven.size === 0) return;
  const paths = context.scope.services.flatMap(({ name, service }) =>
    proven.has(name) ? [service.installPath] : [],
  );
  const host = hostOf(steps[0], context);
  await markVerified(host, paths, context.ports.clock.now(), signal).catch((error: unknown) =>
    context.ports.log.warn(
      { host: host.entry.name, problem: toProblem(error) },
      'releases not marked as verified',
    ),
  );
}

/** Everybody who asks while an answer is under way gets the same one. */
function sharedList(host: RemoteHost, signal: AbortSignal): () => Promise<readonly FoundContainer[]> {
  let underWay: Promise<readonly FoundContainer[]> | null = null;
  return () => {
    underWay ??= listContainers(host, signal).finally(() => (underWay = null));
    return underWay;
  };
}
