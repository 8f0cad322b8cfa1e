import pLimit from 'p-limit';
import type { EnsureContext, RemoteHost, Stage } from '../../ports.ts';
import { toProblem } from '../../problems.ts';
import type { StepOf } from '../../types.ts';
import type { FoundContainer } from '../deploy/found.ts';
import { listContainers } from '../deploy/observe.ts';
import { checkService } from './check-service.ts';
import { markVerified } from './mark-verified.ts';
import { verifySteps } from './survey.ts';

export { verification, type Verification, type VerificationCheck } from './verification.ts';

/** Watches containers, ports and health endpoints until a service has proven that it works. */
export const verify: Stage<'verify'> = {
  name: 'verify',
  // Names and routes do not say that the service is bad; without its containers there is no service.
  onFailure: ({ after, before }) => ((after ?? before)?.kind === 'service' ? 'unwind' : 'degrade'),
  survey: () => Promise.resolve({ steps: [], risks: [], proofs: {}, diff: '', problems: [] }),
  conclude: (_scope, found) => verifySteps(found),
  ensure: ensureVerify,
};

/** More than any fleet on one host has reason to watch at once; it bounds what is asked, not what is waited for. */
const mostAtOnce = 50;

async function ensureVerify(
  steps: readonly StepOf<'verify'>[],
  context: EnsureContext,
  signal: AbortSignal,
): Promise<void> {
  const entry = context.scope.inventory.hosts[steps[0]?.system ?? ''];
  if (entry === undefined) throw new Error(`the inventory has no host ${steps[0]?.system ?? ''}`);
  const host = context.ports.host(entry);
  const list = sharedList(host, signal);
  const limit = pLimit(mostAtOnce);
  const verified: string[] = [];
  const check = async ({ id, service: name, after }: StepOf<'verify'>): Promise<void> => {
    const service = context.scope.services.find((scoped) => scoped.name === name)?.service;
    if (after === null) {
      context.report(id, { ok: true, did: ['nothing to check'] });
      return;
    }
    if (after.kind !== 'service') {
      context.report(id, { ok: true, did: [] });
      return;
    }
    if (service === undefined) throw new Error(`the plan has no definition for ${name}`);
    const result = await checkService({ service, state: after, host, context, list }, signal);
    if (result.ok) verified.push(service.installPath);
    context.report(id, result);
  };
  await Promise.all(steps.map((step) => limit(check, step)));
  await markVerified(host, verified, context.ports.clock.now(), signal).catch((error: unknown) =>
    context.ports.log.warn(
      { host: entry.name, problem: toProblem(error) },
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
