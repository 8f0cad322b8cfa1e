import type { Stage } from '../../ports.ts';

export const dns: Stage<'dns'> = {
  name: 'dns',
  onFailure: () => 'degrade',
  survey: () => Promise.resolve({ steps: [], risks: [], proofs: {}, diff: '', problems: [] }),
  ensure: () => Promise.resolve(),
};
