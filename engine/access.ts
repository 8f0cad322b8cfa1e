import type { Access } from './face.ts';
import type { Problem } from './problems.ts';
import type { Actor, Capability } from './types.ts';

/** Pure: may this person do that there? `undefined` environment asks for any. */
export function allowed(
  access: Access,
  actor: Actor,
  { capability, environment }: { readonly capability: Capability; readonly environment: string | undefined },
): boolean {
  return access.grants.some(
    ({ role, capabilities, environments }) =>
      actor.roles.includes(role) &&
      capabilities.includes(capability) &&
      (environment === undefined || environments.length === 0 || environments.includes(environment)),
  );
}

/** What a refusal says: what is missing and who could give it. */
export function refusal(capability: Capability, environment: string | undefined): Problem {
  const where = environment === undefined ? '' : ` in ${environment}`;
  return {
    code: 'not-allowed',
    message: `You need the “${capability}” capability${where} for this, and none of your roles gives it.`,
    hint: 'Someone who administers Sentinel can grant it to one of your roles in bot.yml.',
  };
}
