import type { VerificationFile } from '../schema/index.ts';
import type { ProblemCode } from './problems.ts';
import type { Outcome } from './types.ts';

type Checked = VerificationFile['services'][number];

/** What the verdict of verification.json on a service says of its deployment. */
export const outcomeOfStatus = {
  passed: 'succeeded',
  degraded: 'degraded',
  failed: 'failed',
} as const satisfies Record<Checked['status'], Outcome>;

/** The problem a failed check is. */
export const codeOfCheck = {
  container_running: 'container-not-running',
  port_listening: 'port-closed',
  health_endpoint: 'health-failed',
  dns_resolution: 'dns-wrong',
  traefik_route: 'route-wrong',
  certificate: 'certificate-invalid',
} as const satisfies Record<Checked['checks'][number]['check'], ProblemCode>;
