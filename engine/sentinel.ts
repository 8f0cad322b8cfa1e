import type { Actor } from './types.ts';

/** Who acts when no person does. */
export const sentinel: Actor = { id: 'sentinel', name: 'Sentinel', roles: [] };
