import { describe, expect, test } from 'vitest';
import type { FoundContainer } from '../../../engine/stages/deploy/found.ts';
import { awaitedEnds, healthOf, judge } from '../../../engine/stages/verify/judge.ts';
import { verification, verificationFile } from '../../../engine/stages/verify/index.ts';
import type { StepResult } from '../../../engine/ports.ts';
import type { ProblemCode } from '../../../engine/problems.ts';
import type { ServiceCheck, VerifyState } from '../../../engine/types.ts';
import { parseVerificationFile } from '../../../schema/index.ts';
import { checks, verifyStep } from '../fixtures.ts';

const found = (service: string, more: Partial<FoundContainer> = {}): FoundContainer => ({
  id: service,
  name: `app-${service}-1`,
  project: 'app',
  service,
  image: 'a',
  imageId: 'sha256:a',
  state: 'running',
  status: 'Up 2 seconds',
  ports: [],
  volumes: [],
  labels: {},
  ...more,
});
const verdict = (containers: readonly FoundContainer[], ends: readonly string[] = []) =>
  judge(containers, ['web', 'db'], new Set(ends)).kind;

describe('judging containers', () => {
  test('all running is up; those without a health check have to stay up', () => {
    const healthy = found('db', { status: 'Up 2 seconds (healthy)' });
    expect(judge([found('web'), healthy], ['web', 'db'], new Set())).toMatchObject({
      kind: 'up',
      unchecked: [{ service: 'web' }],
    });
  });
  test('one that is missing, created or not healthy yet is waited for', () => {
    expect(verdict([found('web')])).toBe('waiting');
    expect(verdict([found('web'), found('db', { state: 'created' })])).toBe('waiting');
    expect(verdict([found('web'), found('db', { status: 'Up 1 second (health: starting)' })])).toBe(
      'waiting',
    );
  });
  test('one that ended is a failure, unless it was meant to and ended well', () => {
    const well = found('db', { state: 'exited', status: 'Exited (0) 1 second ago' });
    const badly = found('db', { state: 'exited', status: 'Exited (1) 1 second ago' });
    expect(verdict([found('web'), well])).toBe('ended');
    expect(verdict([found('web'), well], ['db'])).toBe('up');
    expect(verdict([found('web'), badly], ['db'])).toBe('ended');
  });
  test('unhealthy and restarting are told apart', () => {
    expect(verdict([found('web'), found('db', { status: 'Up 1 minute (unhealthy)' })])).toBe('unhealthy');
    expect(
      verdict([found('web'), found('db', { state: 'restarting', status: 'Restarting (3) 1 second ago' })]),
    ).toBe('restarting');
  });
  test('Compose notes on a container whose end it waited for', () => {
    const labels = {
      'com.docker.compose.depends_on':
        'db:service_healthy:false,migrate:service_completed_successfully:false',
    };
    expect(awaitedEnds([found('web', { labels })])).toEqual(['migrate']);
    expect(healthOf({ status: 'Up' })).toBe('none');
  });
});

describe('verification.json', () => {
  const state: ServiceCheck = {
    kind: 'service',
    host: 'h1',
    containers: ['web'],
    checks: { ...checks, http: { port: 3030, path: '/health', expect: [200] } },
  };
  const name: VerifyState = { kind: 'name', name: 'web.lan', addresses: ['192.168.40.20'] };
  const route: VerifyState = {
    ...{ kind: 'route', url: 'https://web.lan/', address: '192.168.40.20', port: 443, signOn: null },
  };
  const bad = (code: ProblemCode, message: string): StepResult => ({
    ...{ ok: false, touched: false, problem: { code, message } },
  });
  const good = (...did: readonly string[]): StepResult => ({ ok: true, did });
  const of = (...went: readonly (readonly [VerifyState, StepResult | null])[]) =>
    verification(
      { name: 'web', host: 'h1' },
      went.map(([after, result]) => ({ step: verifyStep('web', { before: null, after }), result })),
    );
  const statuses = (...went: readonly (readonly [VerifyState, StepResult | null])[]) =>
    of(...went).checks.map(({ check, status }) => [check, status]);

  test('lists every check, and what came after a failure as skipped', () => {
    expect(statuses([state, good()])).toEqual([
      ['container_running', 'passed'],
      ['port_listening', 'passed'],
      ['health_endpoint', 'passed'],
    ]);
    expect(statuses([state, bad('port-closed', 'closed')])).toEqual([
      ['container_running', 'passed'],
      ['port_listening', 'failed'],
      ['health_endpoint', 'skipped'],
    ]);
    expect(statuses([state, bad('health-failed', 'http://h:3030/health answered 500')]).at(-1)).toEqual([
      'health_endpoint',
      'failed',
    ]);
    expect(statuses([state, bad('health-failed', 'web is unhealthy')])[0]).toEqual([
      'container_running',
      'failed',
    ]);
  });

  test('tells a name, a route and its certificate apart', () => {
    const around = (went: StepResult | null) => statuses([route, went]);
    expect(around(good('answers 200', 'certificate valid until 2027-01-01'))).toEqual([
      ['traefik_route', 'passed'],
      ['certificate', 'passed'],
    ]);
    expect(around(bad('certificate-invalid', 'it expired'))).toEqual([
      ['traefik_route', 'passed'],
      ['certificate', 'failed'],
    ]);
    expect(around(bad('route-wrong', 'no route'))).toEqual([
      ['traefik_route', 'failed'],
      ['certificate', 'skipped'],
    ]);
    expect(around(null).map(([, status]) => status)).toEqual(['skipped', 'skipped']);
    expect(statuses([{ ...route, url: 'http://web.lan/' }, good()])).toEqual([['traefik_route', 'passed']]);
    expect(of([name, bad('dns-wrong', 'nobody knows it')]).checks).toEqual([
      { check: 'dns_resolution', status: 'failed', detail: 'nobody knows it' },
    ]);
  });

  test('a name that does not hold degrades a service, containers that do not run fail it', () => {
    const wrong = bad('dns-wrong', 'nobody knows it');
    expect(of([state, good()], [name, good()]).status).toBe('passed');
    expect(of([state, good()], [name, wrong]).status).toBe('degraded');
    expect(of([state, bad('port-closed', 'closed')], [name, wrong]).status).toBe('failed');
  });

  test('is what its schema says, with the words a person needs', () => {
    const services = [
      of([state, good()], [name, good('web.lan resolves')], [route, good('answers 200', '⚠️ 3 days only')]),
      of([state, good()], [route, bad('certificate-invalid', 'it expired')]),
      of([state, bad('port-closed', 'closed')], [name, null]),
    ];
    const file = verificationFile(services, {
      deployment: 'd-1',
      revision: 'abc',
      at: '2026-01-01T00:00:00Z',
    });
    expect(parseVerificationFile(JSON.stringify(file), 'verification.json')).toMatchObject({ ok: true });
    expect(file).toMatchObject({ passed: 1, degraded: 1, failed: 1, total: 3 });
    expect(file.services[0]?.checks.at(-1)?.detail).toBe('⚠️ 3 days only');
  });
});
