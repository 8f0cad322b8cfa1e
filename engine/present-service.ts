import type { EngineContext } from './context.ts';
import { checkSecrets } from './definitions/index.ts';
import { formerPlace } from './former-place.ts';
import type { ScopedService } from './ports.ts';
import type { Result, Service } from './types.ts';

/** A service that is to be as Git defines it, with what is known of its past; refused while a secret has no value. */
export function presentService(
  context: EngineContext,
  service: Service,
  environment: string,
): Result<ScopedService> {
  const missing = checkSecrets([service], (name) => context.secrets.has(name));
  if (missing.length > 0) return { ok: false, problems: missing };
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
