import type { Outcome } from './types.ts';

/** From the mildest on. */
const severity: readonly Outcome[] = [
  'succeeded',
  'degraded',
  'cancelled',
  'rolled-back',
  'failed',
  'needs-attention',
];

/** The outcome of the whole is that of its worst service. */
export function worst(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce<Outcome>((a, b) => (severity.indexOf(b) > severity.indexOf(a) ? b : a), 'succeeded');
}
