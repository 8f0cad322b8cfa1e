import type { Stage } from '../../ports.ts';
import { ensureVerify } from './ensure.ts';
import { verifySteps } from './survey.ts';

export { standingChecks } from './standing-checks.ts';
export { verification, verificationFile, type Verified } from './verification.ts';

/** Watches containers, ports and health endpoints, names and routes until a service has proven that it works. */
export const verify: Stage<'verify'> = {
  name: 'verify',
  // Names and routes do not say that the service is bad; without its containers there is no service.
  onFailure: ({ after, before }) => ((after ?? before)?.kind === 'service' ? 'unwind' : 'degrade'),
  survey: () => Promise.resolve({ steps: [], risks: [], proofs: {}, diff: '', problems: [] }),
  conclude: verifySteps,
  ensure: ensureVerify,
};
