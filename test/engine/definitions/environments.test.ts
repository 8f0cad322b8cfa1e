import { describe, expect, test } from 'vitest';
import { createSource, type SourceOptions } from '../../../engine/definitions/index.ts';
import { definition, fleetSource, repository, sentinelYml, treeOf, type Files } from './support.ts';

const single = (more: Partial<SourceOptions> = {}) => createSource({ repository, layout: 'single', ...more });
const names = (files: Files, environment: string, source = fleetSource()) =>
  source
    .load(treeOf({ 'sentinel.yml': sentinelYml, ...files }), environment)
    .fleet.services.map(({ name }) => name);
const one = (host = 'h1') => `service:\n  name: web\ndeployment:\n  target_host: ${host}\n  port: null\n`;
const compose = (image: string) =>
  `services:\n  web:\n    image: ${image}\n    environment: { LOG: "\${LOG:-warn}" }\n`;

describe('a fleet with a folder for each environment', () => {
  const files = {
    'environments/production/services/media/web.yml': definition('web'),
    'environments/production/services/media/db.yml': definition('db'),
    'environments/staging/services/web.yml': definition('web').replace('1.27', '1.28'),
    'services/forgotten.yml': definition('forgotten'),
  };

  test('gives each environment its own services and none of another', () => {
    expect(names(files, 'production').sort()).toEqual(['db', 'web']);
    expect(names(files, 'staging')).toEqual(['web']);
    expect(names(files, 'development')).toEqual([]);
  });

  test('changes the file of the environment that was asked for', () => {
    const tree = treeOf({ 'sentinel.yml': sentinelYml, ...files });
    const source = fleetSource();
    source.load(tree, 'production'); // what was read first must not matter
    const at = { tree, environment: 'staging', service: 'web' };
    expect(source.setVersion(at, '1.29')).toMatchObject({
      ok: true,
      value: [{ path: 'environments/staging/services/web.yml' }],
    });
    expect(source.filesOf({ ...at, environment: 'production' })).toEqual([
      'environments/production/services/media/web.yml',
    ]);
    expect(source.filesOf({ ...at, environment: 'development' })).toEqual([]);
  });

  test('may have a sentinel.yml of its own, which then holds alone', () => {
    const own = 'hosts:\n  h1: { address: 127.0.0.99 }\n';
    const tree = treeOf({
      'sentinel.yml': sentinelYml,
      'environments/staging/sentinel.yml': own,
      ...files,
    });
    const source = fleetSource();
    const { inventory } = source.load(tree, 'staging').fleet;
    expect(inventory).toMatchObject({ domain: null, hosts: { h1: { address: '127.0.0.99' } } });
    expect(Object.keys(inventory.hosts)).toEqual(['h1']);
    expect(source.load(tree, 'production').fleet.inventory.hosts['h1']?.address).toBe('127.0.0.11');
  });

  test('tells a mistake in it with its path', () => {
    const tree = treeOf({
      'sentinel.yml': sentinelYml,
      'environments/staging/sentinel.yml': 'hosts: 1\n',
      ...files,
    });
    const { fleet, problems } = fleetSource().load(tree, 'staging');
    expect(fleet.services).toEqual([]);
    expect(problems[0]?.where).toMatch(/^environments\/staging\/sentinel\.yml:/);
    expect(fleetSource().load(tree, 'production').problems).toEqual([]);
  });

  test('has its folders where they are configured', () => {
    const elsewhere = { 'live/web.yml': definition('web'), 'next/media/db.yml': definition('db'), ...files };
    const source = fleetSource({ environmentPaths: { production: 'live', staging: 'next' } });
    expect(names(elsewhere, 'production', source)).toEqual(['web']);
    expect(names(elsewhere, 'staging', source)).toEqual(['db']);
    const named = fleetSource({ servicesPath: 'services' });
    expect(names(files, 'staging', named)).toEqual(['forgotten']);
  });
});

test('folders called environments that define nothing change nothing', () => {
  const files = { 'services/web.yml': definition('web'), 'environments/staging/values.yml': 'a: 1\n' };
  expect(names(files, 'staging')).toEqual(['web']);
});

describe('a single service with a folder for each environment', () => {
  const files = {
    'environments/production/service.yml': one(),
    'environments/staging/service.yml': one('web-host'),
    'config/docker-compose.yml': compose('nginx:1.27'),
    'config/app.conf': 'shared',
  };
  const load = (more: Files, environment: string) =>
    single().load(treeOf({ 'sentinel.yml': sentinelYml, ...files, ...more }), environment);

  test('shares one compose file, and each may go to another host', () => {
    const [live] = load({}, 'production').fleet.services;
    const [next] = load({}, 'staging').fleet.services;
    expect(live).toMatchObject({ host: 'h1', files: { 'app.conf': 'shared' } });
    expect(next).toMatchObject({ host: 'web-host', files: { 'app.conf': 'shared' } });
  });

  test('has its own configuration where there is one', () => {
    const own = { 'environments/staging/config/docker-compose.yml': compose('nginx:1.28') };
    const [live] = load(own, 'production').fleet.services;
    const [next] = load(own, 'staging').fleet.services;
    expect(Object.keys(next?.files ?? {})).toEqual(['docker-compose.yml']);
    expect(next?.containers[0]?.image).toBe('nginx:1.28');
    expect(live?.containers[0]?.image).toBe('nginx:1.27');
  });
});

describe('variables of an environment', () => {
  const inventory = `${sentinelYml}defaults:
  environment: { TZ: Europe/Berlin, LOG: info }
environments:
  staging:
    domain: next.example.net
    environment: { LOG: debug, RETRIES: 3, x-note: not a variable }
`;

  test('go over those of all environments, and a service over both', () => {
    const files = {
      'sentinel.yml': inventory,
      'services/web.yml': definition('web'),
      'services/own.yml': definition('own', { deployment: '  port: null\n  environment: { LOG: trace }\n' }),
    };
    const text = (environment: string, name: string): string =>
      fleetSource()
        .load(treeOf(files), environment)
        .fleet.services.find((one) => one.name === name)?.files['docker-compose.yml'] ?? '';
    expect(text('staging', 'web')).toMatch(/LOG: "debug"[^]*RETRIES: "3"/);
    expect(text('staging', 'web')).toContain('TZ: "Europe/Berlin"');
    expect(text('staging', 'web')).not.toContain('x-note');
    expect(text('production', 'web')).toContain('LOG: "info"');
    expect(text('production', 'web')).not.toContain('RETRIES');
    expect(text('staging', 'own')).toContain('LOG: "trace"');
  });

  test('reach the compose file of a single service where it asks for them', () => {
    const files = {
      'sentinel.yml': inventory,
      'service.yml': one(),
      'config/docker-compose.yml': compose('nginx:1.27'),
    };
    const env = (environment: string) => single().load(treeOf(files), environment).fleet.services[0]?.env;
    expect(env('staging')).toEqual({ LOG: { value: 'debug' } });
    expect(env('production')).toEqual({ LOG: { value: 'info' } });
  });
});
