import type { VerificationFile } from '../../../schema/index.ts';
import type { StepResult } from '../../ports.ts';
import type { Problem } from '../../problems.ts';
import type { RouteCheck, Service, ServiceCheck, StepOf, VerifyState } from '../../types.ts';

export type VerifiedService = VerificationFile['services'][number];
type Check = VerifiedService['checks'][number];

/** A verify step and how it went; null where it was not reached. */
export interface Verified {
  readonly step: StepOf<'verify'>;
  readonly result: StepResult | null;
}

/** `verification.json`: what was checked of each service, and how it went. */
export function verificationFile(
  services: readonly VerifiedService[],
  about: Pick<VerificationFile, 'deployment' | 'revision' | 'at'> = {},
): VerificationFile {
  const counted = (wanted: VerifiedService['status']): number =>
    services.filter(({ status }) => status === wanted).length;
  return {
    services,
    ...{ passed: counted('passed'), degraded: counted('degraded'), failed: counted('failed') },
    total: services.length,
    ...about,
  };
}

/** The entry of one service, from all its verify steps. */
export function verification(
  { name, host }: Pick<Service, 'name' | 'host'>,
  verified: readonly Verified[],
): VerifiedService {
  const proven = verified.flatMap(({ step: { after }, result }) =>
    after === null ? [] : [{ state: after, result }],
  );
  const lacking = proven.filter(({ result }) => result?.ok !== true);
  const status = lacking.some(({ state }) => state.kind === 'service')
    ? 'failed'
    : lacking.length > 0
      ? 'degraded'
      : 'passed';
  return { name, host, status, checks: proven.flatMap(({ state, result }) => checksOf(state, result)) };
}

function checksOf(state: VerifyState, result: StepResult | null): readonly Check[] {
  switch (state.kind) {
    case 'service':
      return serviceChecks(state, result);
    case 'name': {
      const wanted = `${state.name} → ${state.addresses.join(', ')}`;
      return [{ check: 'dns_resolution', ...outcomeOf(result, wanted) }];
    }
    case 'route':
      return routeChecks(state, result);
  }
}

function outcomeOf(result: StepResult | null, wanted: string): Pick<Check, 'status' | 'detail'> {
  if (result === null) return { status: 'skipped', detail: wanted };
  if (result.ok) return { status: 'passed', detail: result.did[0] ?? wanted };
  return { status: 'failed', detail: result.problem.message };
}

/** Two answers from one visit: where it led, and what its certificate is worth. */
function routeChecks({ url }: RouteCheck, result: StepResult | null): readonly Check[] {
  const failed = result?.ok === false ? result.problem : null;
  const onlyCertificate = failed?.code === 'certificate-invalid';
  const route: Check = onlyCertificate
    ? { check: 'traefik_route', status: 'passed', detail: url }
    : { check: 'traefik_route', ...outcomeOf(result, url) };
  if (!url.startsWith('https:')) return [route];
  if (failed !== null && !onlyCertificate)
    return [route, { check: 'certificate', status: 'skipped', detail: url }];
  const said = result?.ok === true ? { ...result, did: result.did.slice(1) } : result;
  return [route, { check: 'certificate', ...outcomeOf(said, url) }];
}

function serviceChecks(state: ServiceCheck, result: StepResult | null): readonly Check[] {
  const { checks, containers } = state;
  const wanted: readonly (readonly [Check['check'], string])[] = [
    ['container_running', containers.join(', ')],
    ...(checks.port === null ? [] : [['port_listening', `port ${checks.port}`] as const]),
    ...(checks.http === null
      ? []
      : [['health_endpoint', `${checks.http.path} on port ${checks.http.port}`] as const]),
  ];
  if (result === null) return wanted.map(([check, detail]) => ({ check, status: 'skipped', detail }));
  const failed = result.ok ? null : failedCheck(result.problem, state);
  const at = wanted.findIndex(([check]) => check === failed);
  return wanted.map(([check, detail], index) => {
    if (result.ok || index < at) return { check, status: 'passed', detail };
    return index === at
      ? { check, status: 'failed', detail: result.problem.message }
      : { check, status: 'skipped', detail };
  });
}

function failedCheck({ code, message }: Problem, { checks }: ServiceCheck): Check['check'] {
  if (code === 'port-closed') return 'port_listening';
  const asked = checks.http !== null && message.includes(`:${checks.http.port}${checks.http.path}`);
  return code === 'health-failed' && asked ? 'health_endpoint' : 'container_running';
}
