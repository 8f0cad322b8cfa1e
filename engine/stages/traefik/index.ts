import type { Stage } from '../../ports.ts';

export const traefik: Stage<'traefik'> = {
  name: 'traefik',
  onFailure: () => 'degrade',
  survey: () => Promise.resolve({ steps: [], risks: [], proofs: {}, diff: '', problems: [] }),
  ensure: () => Promise.resolve(),
};
