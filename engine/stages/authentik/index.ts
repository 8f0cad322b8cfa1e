import type { Stage } from '../../ports.ts';

export const authentik: Stage<'authentik'> = {
  name: 'authentik',
  onFailure: () => 'degrade',
  survey: () => Promise.resolve({ steps: [], risks: [], proofs: {}, diff: '', problems: [] }),
  ensure: () => Promise.resolve(),
};
