import type { Plan, Proposal } from '../../engine/index.ts';
import { plain } from './text.ts';

/** What is asked for, in a few words; not escaped. */
export function titleOf({ request, plan }: Pick<Proposal, 'request' | 'plan'>): string {
  const names = plan.services.map(({ name }) => plain(name));
  const what = names.length > 3 ? `${names.length} services` : names.join(', ');
  const where = `${what === '' ? plain(plan.repository) : what} · ${plain(plan.environment)}`;
  if (request.kind === 'gate') return `Let ${plain(request.job.name)} run? · ${where}`;
  if (request.kind === 'pipeline' && what === '') return `Pipeline ${request.pipeline} · ${where}`;
  return `${verbOf(request.kind, plan)} ${where}`;
}

/** What is done, as a button says it. */
export function verbOf(kind: Proposal['request']['kind'], plan: Plan): string {
  switch (kind) {
    case 'rollback':
      return 'Roll back';
    case 'unwind':
      return 'Undo';
    case 'keep':
      return 'Keep';
    case 'gate':
      return 'Let it run';
    case 'deploy':
    case 'pipeline': {
      const acts = new Set(plan.services.map(({ action }) => action));
      return acts.size === 1 && acts.has('delete') ? 'Remove' : 'Deploy';
    }
  }
}
