import { describe, expect, test } from 'vitest';
import type { FoundContainer } from '../../../engine/stages/deploy/found.ts';
import { awaitedEnds, healthOf, judge } from '../../../engine/stages/verify/judge.ts';
import { verification } from '../../../engine/stages/verify/index.ts';
import { checks } from '../fixtures.ts';

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
  const state = {
    kind: 'service' as const,
    host: 'h1',
    containers: ['web'],
    checks: { ...checks, http: { port: 3030, path: '/health', expect: [200] } },
  };
  const statuses = (problem: Parameters<typeof verification>[2]) =>
    verification('web', state, problem).checks.map(({ check, status }) => [check, status]);
  test('lists every check, and what came after a failure as skipped', () => {
    expect(statuses(null)).toEqual([
      ['container_running', 'passed'],
      ['port_listening', 'passed'],
      ['health_endpoint', 'passed'],
    ]);
    expect(statuses({ code: 'port-closed', message: 'closed' })).toEqual([
      ['container_running', 'passed'],
      ['port_listening', 'failed'],
      ['health_endpoint', 'skipped'],
    ]);
    expect(statuses({ code: 'health-failed', message: 'http://h:3030/health answered 500' }).at(-1)).toEqual([
      'health_endpoint',
      'failed',
    ]);
    expect(statuses({ code: 'health-failed', message: 'web is unhealthy' })[0]).toEqual([
      'container_running',
      'failed',
    ]);
  });
});
