import type { Stage } from '../../ports.ts';
import { adoptRoute } from './adopt.ts';
import { ensureTraefik } from './ensure.ts';
import { gainsSignOn } from './protection.ts';
import { surveyTraefik } from './survey.ts';

/** The route of a service: one file of its own in the directory Traefik watches. */
export const traefik: Stage<'traefik'> = {
  name: 'traefik',
  // What anybody can reach must not get anything new before it is behind its sign-on.
  onFailure: (step) => (gainsSignOn(step) ? 'unwind' : 'degrade'),
  survey: surveyTraefik,
  ensure: ensureTraefik,
  adopt: adoptRoute,
};
