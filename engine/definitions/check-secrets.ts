import type { Problem } from '../problems.ts';
import type { Service } from '../types.ts';
import { placeOfSecret } from './definition.ts';

/** Secrets that services name and nobody gave a value. `hint` knows where a value would be looked for. */
export function checkSecrets(
  services: readonly Service[],
  has: (name: string) => boolean,
  hint: (name: string) => string | undefined = () => undefined,
): readonly Problem[] {
  return services.flatMap((service) => {
    const named = Object.values(service.env).flatMap((value) => ('secret' in value ? [value.secret] : []));
    if (service.signOn?.oidc) named.push(service.signOn.oidc.clientSecret);
    return [...new Set(named)]
      .filter((secret) => !has(secret))
      .map((secret) => ({
        code: 'secret-missing' as const,
        message: `${service.name}: the secret ${secret} has no value`,
        where: placeOfSecret(service, secret),
        hint:
          hint(secret) ??
          `set ${secret} in the environment or as a file in the folder of secrets, or correct its name here`,
      }));
  });
}
