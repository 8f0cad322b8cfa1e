import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import type { Service } from '../../../engine/index.ts';
import { definition, filesBelow, fleetSource, loadFleet, treeOf } from './support.ts';

const a = 'services/media/a.yml';
function generate(text: string): string {
  const { fleet, problems } = loadFleet({ [a]: text });
  expect(problems).toEqual([]);
  return fleet.services[0]?.files['docker-compose.yml'] ?? '';
}
const deployment = (more: string) => generate(definition('a', { deployment: `  port: null\n${more}` }));
interface Compose {
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
  readonly networks?: unknown;
  readonly volumes?: unknown;
}
const read = (text: string) => parse(text) as Compose;

const everyField = readFileSync('test/fixtures/service/valid/every-field.yml', 'utf8');
const valid = readdirSync('test/fixtures/service/valid');

describe('a generated compose file', () => {
  test('is the same, byte for byte, every time', () => {
    expect(generate(everyField)).toBe(generate(everyField));
    expect(generate(definition('a', { deployment: '  port: 8080\n  container_port: 80\n' }))).toBe(
      `# Written by Sentinel from ${a}; changes made here are overwritten.

name: a
services:
  a:
    image: nginx:1.27
    container_name: a
    restart: unless-stopped
    ports:
      - 8080:80
    labels:
      com.centurylinklabs.watchtower.enable: "false"
      homelab.service: "a"
      homelab.managed-by: "sentinel"
`,
    );
  });
  test('lets Watchtower at the own container only where the definition invites it, and at nothing else', () => {
    const labels = (more: string) =>
      Object.values(
        read(
          generate(
            `${definition('a', { deployment: '  port: null\n  containers: { a-db: { image: postgres:17 } }\n' })}${more}`,
          ),
        ).services,
      ).map(
        (container) =>
          (container?.['labels'] as Record<string, string>)['com.centurylinklabs.watchtower.enable'],
      );
    expect(labels('')).toEqual(['false', 'false']);
    expect(labels('watchtower: { enabled: false }\n')).toEqual(['false', 'false']);
    expect(labels('watchtower: { enabled: true }\n')).toEqual(['true', 'false']);
  });
  test('a definition may ask that nobody is told of updates', () => {
    const silent = (more: string) =>
      loadFleet({ [a]: `${definition('a', {})}${more}` }).fleet.services[0]?.silentUpdates ?? false;
    expect(silent('')).toBe(false);
    expect(silent('watchtower: { enabled: true, notify_on_update: true }\n')).toBe(false);
    expect(silent('watchtower: { enabled: true, notify_on_update: false }\n')).toBe(true);
  });
  test('doubles every $ the definition means literally, and none of a secret', () => {
    const compose = read(
      deployment(
        '  environment: { PRICE: "$5 ${X}" }\n  secrets: [{ name: TOKEN }]\n  command: echo $HOME\n  labels: { l: "a$b" }\n',
      ),
    );
    expect(compose.services['a']).toMatchObject({
      environment: { PRICE: '$$5 $${X}', TOKEN: '${TOKEN}' },
      command: 'echo $$HOME',
      labels: { l: 'a$$b' },
    });
  });
  test('keeps values of an environment as they were written', () => {
    const compose = deployment(
      '  environment: { UMASK: 022, BIG: 12345678901234567890, RATIO: 1.10, ON: True, OFF: "no" }\n',
    );
    expect(read(compose).services['a']?.['environment']).toEqual({
      UMASK: '022',
      BIG: '12345678901234567890',
      RATIO: '1.10',
      ON: 'True',
      OFF: 'no',
    });
  });
  test('keeps them also where they come from an anchor', () => {
    const text =
      'x-common: &common { UMASK: 022 }\n' +
      definition('a', { deployment: '  port: null\n  environment: { <<: *common, A: 010 }\n' });
    expect(read(generate(text)).services['a']?.['environment']).toEqual({ UMASK: '022', A: '010' });
  });
  test('leaves x- keys out, wherever they stand', () => {
    const plain = definition('a', {
      deployment: '  port: null\n  environment: { A: b }\n  containers: { db: { image: "x:1" } }\n',
    });
    const noted = definition('a', {
      deployment:
        '  x-why: because\n  port: null\n  environment: { A: b, x-b: c }\n  containers: { db: { image: "x:1", x-c: d }, x-old: 3 }\n',
      rest: 'x-all: { anything: [1] }\n',
    });
    expect(generate(noted)).toBe(generate(plain));
  });
  test('never holds the value or the place of a secret', () => {
    const { fleet } = loadFleet({ [a]: everyField });
    expect(fleet.services[0]?.files['docker-compose.yml']).not.toContain('WEB_PASSWORD');
    expect(fleet.services[0]?.env).toEqual({
      TOKEN: { secret: 'TOKEN' },
      PASSWORD: { secret: 'WEB_PASSWORD' },
      DB_PASSWORD: { secret: 'DB_PASSWORD' },
    });
    expect(
      read(fleet.services[0]?.files['docker-compose.yml'] ?? '').services['db']?.['environment'],
    ).toEqual({
      PASSWORD: '${DB_PASSWORD}',
    });
  });
  test('declares the networks and volumes somebody uses', () => {
    const compose = read(generate(everyField));
    expect(compose.networks).toEqual({
      web: null,
      proxy: { name: 'proxy', external: true },
      lan: { driver: 'macvlan' },
    });
    expect(compose.volumes).toEqual({
      data: null,
      nfs: { driver: 'local', driver_opts: { type: 'nfs', o: 'addr=10.0.0.1,rw', device: ':/export' } },
      old: { name: 'old', external: true },
    });
  });
  test('lets extra containers reach each other and waits for those with a health check', () => {
    const { services } = read(generate(everyField));
    expect(services['web']?.['depends_on']).toEqual({ db: { condition: 'service_healthy' } });
    expect(services['worker']?.['depends_on']).toEqual({
      db: { condition: 'service_healthy' },
      web: { condition: 'service_healthy' },
    });
    expect(services['db']?.['networks']).toEqual(['default', 'web']);
    expect(services['db']?.['healthcheck']).toEqual({
      test: ['CMD', 'pg_isready'],
      interval: '5s',
      timeout: '3s',
      retries: 3,
      start_period: '10s',
    });
  });
  test('publishes the port on the container whose network the service shares', () => {
    const { fleet, problems } = loadFleet({
      [a]: definition('a', {
        deployment:
          '  port: 8080\n  network_mode: service:vpn\n  containers: { vpn: { image: "gluetun:3", cap_add: [NET_ADMIN] } }\n',
      }),
    });
    expect(problems).toEqual([]);
    expect(fleet.services[0]?.containers.map(({ name, ports }) => [name, ports.length])).toEqual([
      ['a', 0],
      ['vpn', 1],
    ]);
  });

  const contract = '../shared/contracts/compose-spec.schema.json';
  test.skipIf(!existsSync(contract))(
    `satisfies the compose specification (${contract}, skipped without it)`,
    () => {
      const { $schema, ...schema } = JSON.parse(readFileSync(contract, 'utf8')) as Record<string, unknown>;
      const options = { strict: false, allErrors: true };
      const ajv = String($schema).includes('2020') ? new Ajv2020(options) : new Ajv(options);
      formats.default(ajv);
      const validate = ajv.compile(schema);
      const example = fleetSource().load(treeOf(filesBelow('examples/homelab')), 'production').fleet.services;
      const fixtures = valid.flatMap(
        (name): readonly Service[] =>
          loadFleet({
            [`services/media/${name}`]: readFileSync(`test/fixtures/service/valid/${name}`, 'utf8'),
          }).fleet.services,
      );
      expect(example.length + fixtures.length).toBe(7 + valid.length);
      for (const service of [...example, ...fixtures]) {
        validate(parse(service.files['docker-compose.yml'] ?? ''));
        expect([service.name, validate.errors ?? []]).toEqual([service.name, []]);
      }
    },
  );
});
