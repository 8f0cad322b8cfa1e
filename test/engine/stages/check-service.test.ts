import { expect, test } from 'vitest';
import type { EnsureContext, RemoteHost } from '../../../engine/ports.ts';
import { parseContainers } from '../../../engine/stages/deploy/docker-answers.ts';
import { checkService } from '../../../engine/stages/verify/check-service.ts';
import { createSecrets } from '../../../engine/providers/secrets.ts';
import { quietLog } from '../../../lab/quiet-log.ts';
import { inventory, noClients, service } from '../fixtures.ts';

/** A Docker Engine whose one container has restarted at the given moments (ms), on a clock that only waiting moves. */
function restartingAt(moments: readonly number[], settle: number) {
  const start = Date.parse('2025-01-01T00:00:00Z');
  let now = start;
  const restarts = () => moments.filter((moment) => now - start >= moment).length;
  const body = (value: unknown) => ({ status: 200, body: Buffer.from(JSON.stringify(value)) });
  const listed = () =>
    body([
      {
        Id: 'c1',
        Names: ['/web-web-1'],
        Image: 'web:1',
        ImageID: 'sha256:a',
        State: 'running',
        Status: 'Up 1 second',
        Labels: { 'com.docker.compose.project': 'web', 'com.docker.compose.service': 'web' },
      },
    ]);
  const host: RemoteHost = {
    entry: inventory.hosts['h1']!,
    run: () => Promise.reject(new Error('nothing is run')),
    docker: ({ path }) =>
      Promise.resolve(
        path.includes('/logs')
          ? { status: 200, body: Buffer.alloc(0) }
          : body({ RestartCount: restarts(), State: { ExitCode: 0 } }),
      ),
  };
  const context: EnsureContext = {
    ports: {
      host: () => host,
      secrets: createSecrets({ env: {}, directory: null }),
      probe: {
        port: () => Promise.resolve(true),
        http: () => Promise.resolve(200),
        visit: () => Promise.resolve(null),
      },
      clock: {
        now: () => new Date(now),
        wait: (ms) => {
          now += ms;
          return Promise.resolve();
        },
      },
      log: quietLog,
      systems: noClients,
    },
    scope: { inventory, services: [] },
    deployment: 'd1',
    revision: 'a',
    phase: 'forward',
    report: () => undefined,
  };
  const checks = { port: null, http: null, interval: 5, timeout: 1, retries: 12, settle };
  return checkService(
    {
      service: service('web', { files: { 'docker-compose.yml': 'services: { web: { image: a } }\n' } }),
      state: { kind: 'service', host: 'h1', checks, containers: ['web'] },
      host,
      context,
      list: () => Promise.resolve(parseContainers(listed().body)),
    },
    new AbortController().signal,
  );
}

test('a container that fell over once while it was watched and then stayed up has proven itself', async () => {
  expect(await restartingAt([4000], 10)).toMatchObject({ ok: true });
});

test('a container that had restarted before anybody looked has too', async () => {
  expect(await restartingAt([0], 10)).toMatchObject({ ok: true });
});

test('a container that keeps falling over has not, however well it looks in between', async () => {
  expect(await restartingAt([4000, 8000, 12_000, 16_000], 10)).toMatchObject({
    ok: false,
    problem: { code: 'restart-loop' },
  });
});

test('neither has one that never stays up for as long as it should', async () => {
  expect(await restartingAt([9000, 18_500], 50)).toMatchObject({
    ok: false,
    problem: { code: 'restart-loop' },
  });
});
