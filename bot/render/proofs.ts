import type { Plan, VerifyState } from '../../engine/index.ts';
import type { Field } from './message.ts';
import { code, count, inline, words } from './text.ts';

const mostLines = 8;

/** What is proved once everything is done; only counted where there is much of it. */
export function checksField(plan: Plan): readonly Field[] {
  const checks = plan.steps.flatMap((step) =>
    step.stage === 'verify' && step.after !== null ? [{ service: step.service, state: step.after }] : [],
  );
  if (checks.length === 0) return [];
  const several = new Set(checks.map(({ service }) => service)).size > 1;
  const lines = checks.map(({ service, state }) =>
    several && state.kind === 'service' ? `${words(service)}: ${proofOf(state)}` : proofOf(state),
  );
  const value = lines.length > mostLines ? counted(checks.map(({ state }) => state)) : lines.join('\n');
  return [{ name: 'Then it is proved that', value }];
}

function proofOf(state: VerifyState): string {
  switch (state.kind) {
    case 'service': {
      const { checks, containers } = state;
      const parts = [
        count(containers.length, 'container runs', 'containers run'),
        checks.port === null ? '' : `port ${checks.port} answers`,
        checks.http === null ? '' : `${code(checks.http.path)} is healthy`,
      ];
      return parts.filter((part) => part !== '').join(', ');
    }
    case 'name':
      return `${inline(state.name)} resolves to ${inline(state.addresses.join(', '))}`;
    case 'route':
      return `${words(state.url)} ${state.signOn === null ? 'answers' : 'asks people to sign on'}`;
  }
}

function counted(states: readonly VerifyState[]): string {
  const many = (kind: VerifyState['kind']): number => states.filter((state) => state.kind === kind).length;
  const parts = [
    many('service') > 0 ? count(many('service'), 'service runs and answers', 'services run and answer') : '',
    many('name') > 0 ? count(many('name'), 'name resolves', 'names resolve') : '',
    many('route') > 0 ? count(many('route'), 'route leads there', 'routes lead there') : '',
  ];
  return parts.filter((part) => part !== '').join('\n');
}
