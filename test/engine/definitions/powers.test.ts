import { describe, expect, test } from 'vitest';
import { powersOf } from '../../../engine/definitions/powers.ts';
import type { EnvValue } from '../../../engine/index.ts';

const place = { installPath: '/opt/web', installRoot: '/opt', socket: '/var/run/docker.sock' };
const codes = (compose: string, env: Readonly<Record<string, EnvValue>> | null = {}) =>
  powersOf(compose, { ...place, env }).map(({ code }) => code);
const web = (lines: string, rest = '') => `services:\n  web:\n    image: a\n    ${lines}\n${rest}`;
const mounted = (source: string, env?: Readonly<Record<string, EnvValue>>) =>
  codes(web(`volumes: ['${source}:/x']`), env);

describe('what gives a container power over its host', () => {
  test.each([
    ['/var/run/docker.sock', 'docker-socket'],
    ['/var/run/', 'docker-socket'],
    ['/run', 'docker-socket'],
    ['/var', 'host-root'],
    ['/', 'host-root'],
    ['//', 'host-root'],
    ['/srv/..', 'host-root'],
    ['~/../..', 'host-root'],
    ['~', 'host-root'],
    ['../..', 'host-root'],
    ['..', 'host-root'],
    ['/etc', 'host-root'],
    ['/etc/cron.d', 'host-root'],
    ['/root/.ssh', 'host-root'],
    ['/boot', 'host-root'],
    ['/var/lib/docker/volumes', 'host-root'],
    ['/var/lib', 'host-root'],
    ['/proc', 'host-root'],
    ['/proc/1/root', 'host-root'],
    ['/home/ana/.ssh', 'host-root'],
    ['${HOME}/x', 'host-root'],
    ['${PWD}/../..', 'host-root'],
    ['${DATA:-/etc}', 'host-root'],
  ])('mounting %s', (source, code) => {
    expect(mounted(source)).toEqual([code]);
  });

  test.each([
    '/srv/photos',
    './conf',
    'data',
    '/etc/localtime',
    '/etc/ssl/certs',
    '/var/lib/web',
    '/mnt/disk',
    '/dev/dri',
    '/var/log',
    '/etcetera',
  ])('but not mounting %s', (source) => {
    expect(mounted(source)).toEqual([]);
  });

  test('reading what the kernel tells is no power, writing it is', () => {
    expect(codes(web("volumes: ['/proc:/host/proc:ro', '/sys:/sys:ro', '/etc/passwd:/p:ro']"))).toEqual([]);
    expect(codes(web("volumes: ['/sys:/sys']"))).toEqual(['host-root']);
  });

  test.each([
    ['privileged: true', 'privileged'],
    ['privileged: "yes"', 'privileged'],
    ['pid: host', 'privileged'],
    ['userns_mode: host', 'privileged'],
    ['cap_add: [SYS_ADMIN]', 'privileged'],
    ['cap_add: [cap_sys_ptrace]', 'privileged'],
    ['cap_add: [all]', 'privileged'],
    ['security_opt: ["apparmor:unconfined"]', 'privileged'],
    ['security_opt: ["seccomp=unconfined"]', 'privileged'],
    ['device_cgroup_rules: ["b 8:* rmw"]', 'privileged'],
    ['devices: ["/dev/sda:/dev/sda"]', 'host-root'],
    ['devices: [{ source: /dev/nvme0n1, target: /d }]', 'host-root'],
    ['volumes: [{ type: bind, source: /etc, target: /x }]', 'host-root'],
    ['volumes_from: ["container:portainer"]', 'host-root'],
    ['extends: { service: web, file: ../other.yml }', 'host-root'],
  ])('%s', (line, code) => {
    expect(codes(web(line))).toEqual([code]);
  });

  test('ordinary settings give none', () => {
    expect(
      codes(
        web(
          'cap_add: [NET_ADMIN]\n    devices: ["/dev/dri:/dev/dri", "/dev/ttyUSB0:/dev/ttyUSB0"]\n    privileged: false',
        ),
      ),
    ).toEqual([]);
  });

  test("the host's network is told, and is nothing somebody else has to agree to", () => {
    expect(powersOf(web('network_mode: host'), { ...place, env: {} })).toMatchObject([
      { code: 'host-network', owns: false },
    ]);
  });

  test('a named volume that is a bind in disguise counts as one', () => {
    const volume = (options: string) =>
      codes(web("volumes: ['data:/x']", `volumes:\n  data:\n    driver_opts: { ${options} }\n`));
    expect(volume('type: none, o: bind, device: /')).toEqual(['host-root']);
    expect(volume('type: none, o: bind, device: /var/run')).toEqual(['docker-socket']);
    expect(volume('type: ext4, device: /dev/sda1')).toEqual(['host-root']);
    expect(volume('type: overlay, device: overlay, o: "lowerdir=/etc:/srv,upperdir=/srv/u"')).toEqual([
      'host-root',
    ]);
    expect(volume('type: none, o: bind, device: /srv/photos')).toEqual([]);
    expect(volume('type: nfs, o: "addr=10.0.0.1", device: ":/etc"')).toEqual([]);
  });

  test('files given as secrets or configs are mounts too', () => {
    expect(codes(web('secrets: [s]', 'secrets: { s: { file: /etc/shadow } }\n'))).toEqual(['host-root']);
  });

  test('what is extended counts, over any number of levels, and the last word on a setting wins', () => {
    const chain = (own: string) => `services:
  one: { image: a, privileged: true, volumes: ['/:/host'] }
  two: { extends: one, cap_add: [NET_ADMIN] }
  web: { extends: { service: two }${own} }
`;
    expect(
      powersOf(chain(''), { ...place, env: {} }).filter(({ message }) => message.startsWith('web ')),
    ).toHaveLength(2);
    const calm = powersOf(chain(', privileged: false'), { ...place, env: {} });
    expect(calm.filter(({ message }) => message.startsWith('web ')).map(({ code }) => code)).toEqual([
      'host-root',
    ]);
  });

  test('variables are filled in, and what nobody can see counts', () => {
    expect(mounted('${DATA}', { DATA: { value: '/etc' } })).toEqual(['host-root']);
    expect(mounted('${DATA}', { DATA: { value: '/srv/x' } })).toEqual([]);
    expect(mounted('${DATA}', { DATA: { secret: 'S' } })).toEqual(['host-root']);
    expect(codes(web('privileged: ${P}'), { P: { value: 'true' } })).toEqual(['privileged']);
    expect(codes(web('privileged: ${P}'), { P: { value: 'false' } })).toEqual([]);
    expect(codes(web("volumes: ['${DATA:-/srv}:/x']"), null)).toEqual(['host-root']);
    expect(codes('not: [yaml')).toEqual(['host-root']);
  });
});
