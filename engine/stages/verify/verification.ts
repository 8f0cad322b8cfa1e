import type { Problem } from '../../problems.ts';
import type { ServiceCheck } from '../../types.ts';

/** `verification.json`: what was checked of one service, and how it went. */
export interface Verification {
  readonly service: string;
  readonly host: string;
  readonly status: 'passed' | 'failed';
  readonly checks: readonly VerificationCheck[];
}
export interface VerificationCheck {
  readonly check: 'container_running' | 'port_listening' | 'health_endpoint';
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
}

/** The artefact of a verify step. `problem` is what it failed with, null when it passed. */
export function verification(service: string, state: ServiceCheck, problem: Problem | null): Verification {
  const { checks, containers, host } = state;
  const wanted: readonly (readonly [VerificationCheck['check'], string])[] = [
    ['container_running', containers.join(', ')],
    ...(checks.port === null ? [] : [['port_listening', `port ${checks.port}`] as const]),
    ...(checks.http === null
      ? []
      : [['health_endpoint', `${checks.http.path} on port ${checks.http.port}`] as const]),
  ];
  const failed = problem === null ? null : failedCheck(problem, state);
  const at = wanted.findIndex(([check]) => check === failed);
  return {
    service,
    host,
    status: problem === null ? 'passed' : 'failed',
    checks: wanted.map(([check, detail], index) => {
      if (problem === null || index < at) return { check, status: 'passed', detail };
      return index === at
        ? { check, status: 'failed', detail: problem.message }
        : { check, status: 'skipped', detail };
    }),
  };
}

function failedCheck({ code, message }: Problem, { checks }: ServiceCheck): VerificationCheck['check'] {
  if (code === 'port-closed') return 'port_listening';
  const asked = checks.http !== null && message.includes(`:${checks.http.port}${checks.http.path}`);
  return code === 'health-failed' && asked ? 'health_endpoint' : 'container_running';
}
