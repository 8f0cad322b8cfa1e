import type { Scope } from '../../ports.ts';
import type { Service, ServiceCheck, StepOf } from '../../types.ts';
import { standingAround } from './survey-around.ts';

/** All checks of the services that should stand, whether anything is changed or not. Pure. */
export function standingChecks({ inventory, services }: Scope): readonly StepOf<'verify'>[] {
  return services.flatMap(({ want, service }) =>
    want === 'absent'
      ? []
      : [serviceStep(service), ...standingAround({ service, systems: inventory.systems })],
  );
}

function serviceStep({ name, host, checks, containers }: Service): StepOf<'verify'> {
  const state: ServiceCheck = {
    kind: 'service',
    host,
    checks,
    containers: containers.map((container) => container.name),
  };
  return {
    id: `verify ${name}`,
    stage: 'verify',
    service: name,
    system: host,
    target: `${name} works`,
    cause: 'it is deployed',
    changes: [],
    before: state,
    after: state,
  };
}
