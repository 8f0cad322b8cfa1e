import { expect, test } from 'vitest';
import {
  planEntry,
  renderLivePlan,
  renderPlanJson,
  renderPlanText,
  renderSteps,
} from '../../engine/plan-text.ts';
import type { DeployState, Plan, Service, StepOf } from '../../engine/types.ts';
import { parsePlanFile } from '../../schema/index.ts';
import { nothingAround } from './fixtures.ts';

const state: DeployState = {
  host: 'docker-media',
  path: '/opt/grafana',
  release: null,
  files: {},
  env: 'absent',
  images: {},
  containers: {},
  checks: null,
  revision: null,
};
const step: StepOf<'deploy'> = {
  id: '1 deploy grafana',
  stage: 'deploy',
  service: 'grafana',
  system: 'docker-media',
  target: 'grafana on docker-media',
  cause: 'image differs',
  changes: [
    { what: 'image grafana', before: 'grafana:1', after: 'grafana:2' },
    { what: 'volume old', before: 'old', after: null },
  ],
  before: state,
  after: state,
};
const plan: Plan = {
  repository: 'homelab',
  environment: 'production',
  revision: 'a'.repeat(40),
  services: [],
  steps: [step],
  risks: [
    { code: 'volume-lost', service: 'grafana', message: 'the volume old goes away', alwaysApprove: true },
  ],
  downtime: 5,
  diff: '',
  digest: 'd'.repeat(64),
};
const service: Service = {
  ...nothingAround,
  name: 'app',
  displayName: 'App',
  category: 'tools',
  file: 'services/app.yml',
  source: '',
  layout: 'fleet',
  host: 'h',
  installPath: '/opt/app',
  files: {},
  env: {},
  containers: [
    { name: 'db', image: 'db:1', ports: [], volumes: [], binds: [], privileged: false, healthcheck: false },
    {
      name: 'app',
      image: 'app:1',
      ports: [{ host: 80, container: 8080, protocol: 'tcp' }],
      volumes: [],
      binds: [],
      privileged: false,
      healthcheck: false,
    },
  ],
  checks: { port: 81, http: null, interval: 5, timeout: 5, retries: 3, settle: 10 },
  dependsOn: [],
};

test('steps are one line each, with what changes, why, and what cannot be undone', () => {
  expect(
    renderSteps([
      step,
      { ...step, id: '2 deploy n8n', changes: [], cause: 'new', irreversible: 'data goes' },
    ]),
  ).toBe(
    [
      '1 deploy grafana @docker-media  image grafana: grafana:1 → grafana:2; volume old: old → absent  (image differs)',
      '2 deploy n8n @docker-media  (new)  ! data goes',
    ].join('\n'),
  );
});

const route: Service['route'] = {
  hostname: 'app.home.lan',
  entryPoints: ['websecure'],
  tls: null,
  middlewares: [],
  headers: { frameDeny: null, stsSeconds: null, contentTypeNosniff: null, custom: {} },
  backend: 'http://10.0.0.2:80',
  healthCheck: null,
  signOnMiddleware: null,
};

test('the entry of a service shows the container of its own name, and the systems it asks something of', () => {
  const entry = planEntry({ ...service, route });
  expect(entry).toMatchObject({
    port: 80,
    image: 'app:1',
    integrations: { traefik: true, dns: false, authentik: false, glance: false },
  });
  expect(renderPlanText([entry])).toContain(
    '  Traefik: enabled\n  DNS: disabled\n  Authentik: disabled\n  Glance: disabled\n',
  );
  const record = { name: 'app.home.lan', address: '10.0.0.2' };
  const tile = { page: null, bookmark: null, monitor: null };
  expect(planEntry({ ...service, record, tile }).integrations).toEqual({
    ...{ traefik: false, dns: true, authentik: false, glance: true },
  });
});

test('a service without a port says so', () => {
  const quiet = { ...service, containers: [], checks: { ...service.checks, port: null } };
  expect(renderPlanText([planEntry(quiet)])).toContain('  Port: none\n');
});

test('the live form names steps, risks, downtime and digest', () => {
  const text = renderLivePlan(plan);
  expect(text).toContain('1 deploy grafana @docker-media');
  expect(text).toContain('! grafana: the volume old goes away');
  expect(text).toContain('Downtime: about 5 s');
  expect(text).toContain('Digest: dddddddddddd\n');
  expect(renderLivePlan({ ...plan, steps: [] })).toContain('Nothing to do.');
});

test('the JSON form satisfies plan.json, and two equal plans give equal files', () => {
  const text = renderPlanJson(plan);
  expect(parsePlanFile(text, 'plan.json')).toMatchObject({ ok: true });
  const shuffled = Object.fromEntries(Object.entries(plan).toReversed()) as unknown as Plan;
  expect(renderPlanJson(shuffled)).toBe(text);
});
