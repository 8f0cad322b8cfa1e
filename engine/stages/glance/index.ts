import type { Stage } from '../../ports.ts';

export const glance: Stage<'glance'> = {
  name: 'glance',
  onFailure: () => 'degrade',
  survey: () => Promise.resolve({ steps: [], risks: [], proofs: {}, diff: '', problems: [] }),
  ensure: () => Promise.resolve(),
};
