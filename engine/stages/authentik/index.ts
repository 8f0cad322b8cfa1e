import type { Stage } from '../../ports.ts';
import { adoptSignOn } from './adopt.ts';
import { ensureAuthentik } from './ensure.ts';
import { surveyAuthentik } from './survey.ts';

/** Applications people sign on to, and how Authentik guards them. */
export const authentik: Stage<'authentik'> = {
  name: 'authentik',
  onFailure: () => 'degrade',
  survey: surveyAuthentik,
  ensure: ensureAuthentik,
  adopt: (step) => adoptSignOn(step),
};
