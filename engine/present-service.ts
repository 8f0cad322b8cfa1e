import type { EngineContext } from './context.ts';
import { checkSecrets } from './definitions/index.ts';
import { formerPlace } from './former-place.ts';
import type { ScopedService } from './ports.ts';
import { toProblem } from './problems.ts';
import { takenElsewhere } from './taken-elsewhere.ts';
import type { Fleet, Result, Service } from './types.ts';

/** A service that is to be as Git defines it, with what is known of its past; refused while a secret has no value or another environment is there. */
export function presentService(
  context: EngineContext,
  service: Service,
  fleet: Fleet,
): Result<ScopedService> {
  const { environment } = fleet;
  const missing = checkSecrets(
    [service],
    (name) => context.secrets.has(name),
    (name) => hintOf(context, name),
  );
  const problems = [...missing, ...takenElsewhere(context, fleet, service)];
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    value: {
      want: 'present',
      name: service.name,
      service,
      ...formerPlace(context, service, environment),
      owned: context.store.holdings.of(service.name, environment),
    },
  };
}

/** Who keeps the secrets knows best what is wrong with one. */
function hintOf({ secrets }: EngineContext, name: string): string | undefined {
  try {
    secrets.resolve(name);
    return undefined;
  } catch (error) {
    return toProblem(error).hint;
  }
}
