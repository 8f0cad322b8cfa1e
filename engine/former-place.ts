import type { EngineContext } from './context.ts';
import type { Service } from './types.ts';

/** Where the last good deployment put a service, when its definition now says another host or directory. */
export function formerPlace(
  { store }: Pick<EngineContext, 'store'>,
  { name, host, installPath }: Service,
  environment: string,
): { readonly formerly?: { readonly host: string; readonly path: string } } {
  const last = store.deployments
    .ofService(name, 20)
    .find(
      ({ plan, outcome }) =>
        plan.environment === environment && (outcome === 'succeeded' || outcome === 'degraded'),
    );
  const placed = last?.plan.steps.findLast(
    (step) => step.stage === 'deploy' && step.service === name && step.after !== null,
  );
  if (placed?.stage !== 'deploy' || placed.after === null || placed.after.deleteVolumes === true) return {};
  const { host: formerHost, path } = placed.after;
  return formerHost === host && path === installPath ? {} : { formerly: { host: formerHost, path } };
}
