import type { Stage } from '../ports.ts';
import type { StageName } from '../types.ts';
import { authentik } from './authentik/index.ts';
import { deploy } from './deploy/index.ts';
import { dns } from './dns/index.ts';
import { glance } from './glance/index.ts';
import { traefik } from './traefik/index.ts';
import { verify } from './verify/index.ts';

/**
 * Every stage that acts, in the order in which they run. A protected service's route carries its middleware from the
 * start, so that nobody reaches it before Authentik knows it.
 */
export const stages: { readonly [S in StageName]: Stage<S> } = {
  deploy,
  traefik,
  dns,
  authentik,
  glance,
  verify,
};
