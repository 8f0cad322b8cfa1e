import type { Scope, Settled } from '../../ports.ts';
import type { Checks, DeployState, ServiceCheck, Step, StepOf } from '../../types.ts';
import { surroundingChecks } from './survey-around.ts';

/**
 * What has to be proven of each service: its containers where they are deployed, its name and its route where they, or
 * what they lead to, change. Going back it is proven of what was there before.
 */
export function verifySteps(
  { inventory, services }: Scope,
  found: readonly Step[],
  settled: Settled,
): readonly StepOf<'verify'>[] {
  const own = found.flatMap((step) => (step.stage === 'deploy' ? serviceCheck(step) : []));
  const around = services.flatMap((scoped) =>
    scoped.want === 'absent'
      ? []
      : surroundingChecks({
          service: scoped.service,
          systems: inventory.systems,
          steps: found.filter(({ service }) => service === scoped.name),
          isSettled: (stage) => settled[stage]?.includes(scoped.name) === true,
        }),
  );
  return [...own, ...around];
}

function serviceCheck(step: StepOf<'deploy'>): readonly StepOf<'verify'>[] {
  const after = checksOf(step.after);
  if (after === null) return [];
  return [
    {
      id: `verify ${step.service}`,
      stage: 'verify',
      service: step.service,
      system: step.system,
      target: `${step.service} works`,
      cause: 'it was changed',
      changes: [],
      before: checksOf(step.fallback ?? step.before),
      after,
    },
  ];
}

function checksOf(state: DeployState | null): ServiceCheck | null {
  if (state === null || state.deleteVolumes === true) return null;
  const running = Object.entries(state.containers)
    .filter(([, word]) => word === 'running')
    .map(([name]) => name);
  // Where nothing ran, whatever was deployed has to run again once it is put back.
  const expected = running.length > 0 ? running : Object.keys(state.images);
  if (expected.length === 0) return null;
  return { kind: 'service', host: state.host, checks: state.checks ?? onlyContainers, containers: expected };
}

/** For what was not deployed by us: no record says how to ask it, but its containers can be watched. */
const onlyContainers: Checks = { port: null, http: null, interval: 5, timeout: 5, retries: 6, settle: 3 };
