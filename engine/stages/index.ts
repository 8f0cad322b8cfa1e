import type { Stage } from '../ports.ts';
import type { StageName } from '../types.ts';
import { deploy } from './deploy/index.ts';
import { verify } from './verify/index.ts';

/** Every stage that acts, in the order in which they run. */
export const stages: { readonly [S in StageName]: Stage<S> } = { deploy, verify };
