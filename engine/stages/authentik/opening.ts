import { opensFrontPage } from '../../open-paths.ts';
import type { Risk, SignOnState } from '../../types.ts';

/** What it means that paths without a login now take in the front page of a service that asked for one. */
export function openingRisks(
  service: string,
  former: SignOnState | null,
  after: SignOnState,
): readonly Risk[] {
  const pattern = openPattern(after);
  if (pattern === null || former === null || openPattern(former) !== null) return [];
  return [
    {
      code: 'sign-on-removed',
      service,
      message: `The path without a login “${pattern}” takes in the front page of ${service}, so people no longer sign on there first.`,
      alwaysApprove: true,
    },
  ];
}

function openPattern({ provider }: SignOnState): string | null {
  return provider?.kind === 'proxy' ? (provider.skipPaths.find(opensFrontPage) ?? null) : null;
}
