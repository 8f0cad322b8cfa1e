import { describe, expect, test } from 'vitest';
import { decide } from '../../../engine/stages/deploy/decide.ts';
import { desire } from '../../../engine/stages/deploy/desired.ts';
import {
  type FoundContainer,
  type HostObservation,
  nowhere,
  type Place,
} from '../../../engine/stages/deploy/found.ts';
import type { ScopedService, Service } from '../../../engine/index.ts';
import type { Release } from '../../../engine/types.ts';
import { createSecrets } from '../../../engine/providers/secrets.ts';
import { inventory, service as plainService } from '../fixtures.ts';

const secrets = createSecrets({ env: { CANARY: 'c4n4ry' }, directory: null });
const entry = inventory.hosts['h1']!;
const image = 'registry/web:1';

const web = (more: Partial<Service> = {}): Service =>
  plainService('web', {
    files: { 'docker-compose.yml': 'services: { web: { image: registry/web:1 } }\n' },
    containers: [
      {
        name: 'web',
        image,
        ports: [{ host: 8080, container: 80, protocol: 'tcp' }],
        volumes: [],
        binds: [],
        privileged: false,
        healthcheck: false,
      },
    ],
    ...more,
  });
const changed = (service: Service, more: Partial<Service['containers'][number]>): Service => ({
  ...service,
  containers: service.containers.map((container) => ({ ...container, ...more })),
});

const container = (more: Partial<FoundContainer> = {}): FoundContainer => ({
  id: 'c1',
  name: 'web-web-1',
  project: 'web',
  service: 'web',
  image,
  imageId: 'sha256:one',
  state: 'running',
  status: 'Up 3 hours',
  ports: [{ protocol: 'tcp', address: '*', port: 8080 }],
  volumes: [],
  labels: {},
  ...more,
});

const release = (service: Service, more: Partial<Release> = {}): Release => ({
  id: 'r1',
  service: 'web',
  revision: 'abc',
  deployment: 'd1',
  createdAt: '2025-01-01T00:00:00Z',
  files: desire(service, secrets).files,
  env: service.env,
  images: { web: { reference: image, digest: 'sha256:d1', id: 'sha256:one' } },
  checks: service.checks,
  verifiedAt: null,
  ...more,
});

/** A host on which `service` is deployed and nothing is wrong. */
function deployed(
  service: Service,
  place: Partial<Place> = {},
  more: Partial<HostObservation> = {},
): HostObservation {
  const { files, envHash } = desire(service, secrets);
  return observation(
    {
      files,
      envHash,
      releasedEnvHash: envHash,
      current: 'r1',
      releases: [release(service)],
      composeFiles: ['docker-compose.yml'],
      ...place,
    },
    { containers: [container()], ...more },
  );
}
function observation(place: Partial<Place>, more: Partial<HostObservation> = {}): HostObservation {
  return {
    entry,
    freeKilobytes: null,
    noCompose: null,
    listeners: [],
    containers: [],
    images: new Map([
      [image, { id: 'sha256:one', digests: ['sha256:d1'] }],
      ['sha256:one', { id: 'sha256:one', digests: ['sha256:d1'] }],
    ]),
    registry: new Map([[image, { kind: 'digest', digest: 'sha256:d1' }]]),
    places: new Map([['/opt/web', { ...nowhere('/opt/web'), ...place }]]),
    ...more,
  };
}
const present = (service: Service): ScopedService => ({
  want: 'present',
  name: 'web',
  service,
  owned: [],
});
const want = (service: Service, seen: HostObservation) =>
  decide(present(service), desire(service, secrets), seen);

describe('deciding what a service needs', () => {
  test('a service that is as Git says needs nothing, and the proof says what was compared', () => {
    const { step, risks, proof } = want(web(), deployed(web()));
    expect({ step, risks }).toEqual({ step: null, risks: [] });
    expect(proof).toEqual([
      'docker-compose.yml is what Git says (sha256)',
      'web runs registry/web:1 (sha256:d1), the same in its registry',
      'web-web-1: Up 3 hours',
    ]);
  });

  test('nothing on the host is a first deployment, which has no before', () => {
    const { step } = want(web(), observation({}));
    expect(step).toMatchObject({
      cause: 'first deployment',
      before: null,
      after: { release: null, env: 'absent' },
    });
  });

  test('another file changes the step, whose before is the release that holds the live one', () => {
    const next = web({ files: { 'docker-compose.yml': 'services: {}\n' } });
    const { step } = want(next, deployed(web()));
    expect(step).toMatchObject({
      cause: 'docker-compose.yml changed',
      before: { release: 'r1', revision: 'abc' },
    });
  });

  test('a file changed by hand is found under a name made of its content, the same at every look', () => {
    const seen = deployed(web(), { files: { 'docker-compose.yml': 'f'.repeat(64) } });
    const first = want(web(), seen);
    expect(first.step?.cause).toBe('docker-compose.yml was changed on the host');
    expect(first.step?.before?.release).toMatch(/^found-[0-9a-f]{12}$/);
    expect(want(web(), seen)).toEqual(first);
    expect(first.risks.map(({ code }) => code)).toEqual(['unmanaged-files']);
  });

  test('an .env with another hash is a change, and the variable is named by its name only', () => {
    const service = web({ env: { TOKEN: { secret: 'CANARY' } } });
    const { step } = want(service, deployed(service, { envHash: 'e'.repeat(64) }));
    expect(step?.cause).toBe('the .env differs: the value of TOKEN changed');
    expect(step?.before?.env).toBe('differs');
    expect(JSON.stringify(step)).not.toMatch(/c4n4ry|eeee/);
  });

  test('an .env nobody of ours wrote is left alone, but kept before ours replaces it', () => {
    expect(want(web(), deployed(web(), { envHash: 'e'.repeat(64), releasedEnvHash: null })).step).toBeNull();
    const service = web({ env: { TOKEN: { secret: 'CANARY' } } });
    const first = want(service, observation({ envHash: 'e'.repeat(64) }));
    expect(first.step?.before).toMatchObject({ env: 'differs', files: {} });
    expect(first.step?.before?.release).toMatch(/^found-/);
  });

  test('a tag that moved in the registry is a step, with both digests and a risk', () => {
    const registry = new Map([[image, { kind: 'digest', digest: 'sha256:d2' } as const]]);
    const { step, risks } = want(web(), deployed(web(), {}, { registry }));
    expect(step?.cause).toBe('web:1 moved in its registry');
    expect(step?.after?.images['web']).toEqual({ reference: image, digest: 'sha256:d2' });
    expect(risks).toMatchObject([{ code: 'image-moved', alwaysApprove: false }]);
  });

  test('a container older than the image its name means now is recreated', () => {
    const seen = deployed(web(), {}, { containers: [container({ imageId: 'sha256:old' })] });
    expect(want(web(), seen).step?.cause).toBe('web:1 was pulled again since it started');
  });

  test('a container that does not run, is missing, or is no longer wanted is a cause', () => {
    const cause = (containers: readonly FoundContainer[]) =>
      want(web(), deployed(web(), {}, { containers })).step?.cause;
    expect(cause([container({ state: 'exited', status: 'Exited (1) 2 minutes ago' })])).toBe('web is exited');
    expect(cause([])).toBe('the container of web is missing');
    expect(cause([container(), container({ id: 'c2', service: 'old', name: 'web-old-1' })])).toBe(
      'old is no longer wanted',
    );
  });

  test('a container that is meant to end may have ended well', () => {
    const service = web({
      files: { 'docker-compose.yml': 'services: { web: { image: registry/web:1, restart: "no" } }\n' },
    });
    const ended = container({ state: 'exited', status: 'Exited (0) 2 minutes ago' });
    expect(want(service, deployed(service, {}, { containers: [ended] })).step).toBeNull();
    const failed = container({ state: 'exited', status: 'Exited (3) 2 minutes ago' });
    expect(want(service, deployed(service, {}, { containers: [failed] })).step?.cause).toBe('web is exited');
  });

  test('an image nobody has stops the plan; a registry that is silent is a risk while the host has a copy', () => {
    const without = { images: new Map() };
    const missing = new Map([[image, { kind: 'missing', message: 'manifest unknown' } as const]]);
    const silent = new Map([[image, { kind: 'silent', message: 'no route' } as const]]);
    const codes = (more: Partial<HostObservation>) =>
      want(web(), observation({}, more)).problems.map(({ code }) => code);
    expect(codes({ ...without, registry: missing })).toEqual(['image-not-found']);
    expect(codes({ ...without, registry: silent })).toEqual(['registry-unreachable']);
    const { step, risks } = want(web(), observation({}, { registry: silent }));
    expect(step).not.toBeNull();
    expect(risks.map(({ code }) => code)).toEqual(['registry-unreachable']);
  });

  test('a directory outside the install root always needs someone else to agree', () => {
    const outside = want(web({ installPath: '/srv/web' }), observation({}));
    expect(outside.risks).toEqual([
      expect.objectContaining({ code: 'outside-install-root', alwaysApprove: true }),
    ]);
  });

  test('power over the host always needs someone else to agree', () => {
    const compose = `services:
  web: { image: ${image}, privileged: true, volumes: ['/var/run/docker.sock:/s', '/:/host'] }
`;
    const service = web({ files: { 'docker-compose.yml': compose } });
    expect(want(service, observation({})).risks).toEqual([
      expect.objectContaining({ code: 'privileged', alwaysApprove: true }),
      expect.objectContaining({ code: 'docker-socket', alwaysApprove: true }),
      expect.objectContaining({ code: 'host-root', alwaysApprove: true }),
    ]);
  });

  test('a latest tag, a volume that goes out of use and a taken port are said', () => {
    const latest = changed(web(), { image: 'registry/web' });
    expect(want(latest, observation({})).risks.map(({ code }) => code)).toContain('latest-tag');
    const next = web({ files: { 'docker-compose.yml': 'services: { web: { image: other } }\n' } });
    const lost = want(next, deployed(web(), {}, { containers: [container({ volumes: ['web_photos'] })] }));
    expect(lost.risks).toMatchObject([
      { code: 'volume-lost', message: expect.stringContaining('web_photos') as string },
    ]);
    const holder = container({ project: 'nginx', name: 'nginx-1' });
    const taken = want(web(), observation({}, { containers: [holder] }));
    expect(taken.risks[0]?.message).toBe('Port 8080/tcp of h1 is used by the container nginx-1 of nginx.');
    const program = { listeners: [{ protocol: 'tcp', address: '*', port: 8080 } as const] };
    expect(want(web(), observation({}, program)).risks[0]?.message).toContain('a program on the host');
  });

  test('Watchtower and a declared version do not go together; a moving tag is what it is for', () => {
    const invited = (reference: string, more: Partial<Service> = {}) =>
      want(changed(web({ watchtower: true, ...more }), { image: reference }), observation({}))
        .risks.filter(({ code }) => code === 'watchtower')
        .map(({ message, alwaysApprove }) => (alwaysApprove ? 'always approve' : message));
    expect(invited('registry/web:11.2')).toEqual([
      expect.stringContaining('registry/web:11.2 is a declared version'),
    ]);
    expect(invited(`registry/web@sha256:${'a'.repeat(64)}`)).toEqual([
      expect.stringContaining('is pinned to a digest, which Watchtower never updates'),
    ]);
    expect(invited(`registry/web:latest@sha256:${'a'.repeat(64)}`)).toHaveLength(1);
    expect(
      ['registry/web', 'registry/web:latest', 'registry:5000/web:stable'].flatMap((one) => invited(one)),
    ).toEqual([]);
    expect(invited('registry/web:11.2', { watchtower: false })).toEqual([]);
  });
  test('a compose file of its owner that does not carry the label Watchtower asks for is told', () => {
    const own = (label: string) =>
      want(
        changed(
          web({
            ...{ watchtower: true, layout: 'single' },
            files: {
              'docker-compose.yml': `services: { web: { image: registry/web, labels: [${label}] } }\n`,
            },
          }),
          { image: 'registry/web' },
        ),
        observation({}),
      ).risks.filter(({ code }) => code === 'watchtower');
    expect(own('"com.centurylinklabs.watchtower.enable=true"')).toEqual([]);
    expect(own('"com.centurylinklabs.watchtower.enable=false"')).toHaveLength(1);
    expect(own('').map(({ message }) => message)).toEqual([expect.stringContaining('has no label')]);
  });
  test('the own container on the port is no risk', () => {
    const next = web({ files: { 'docker-compose.yml': 'services: { web: { image: other } }\n' } });
    const listeners = [{ protocol: 'tcp', address: '*', port: 8080 } as const];
    expect(want(next, deployed(web(), {}, { listeners })).risks).toEqual([]);
  });

  test('a removal keeps volumes unless asked, and then cannot be undone', () => {
    const seen = deployed(web(), {}, { containers: [container({ volumes: ['web_photos'] })] });
    const remove = (deleteVolumes: boolean) =>
      decide({ want: 'absent', name: 'web', service: web(), deleteVolumes, owned: [] }, null, seen);
    expect(remove(false).step).toMatchObject({ after: null, before: { release: 'r1' } });
    expect(remove(false).step?.changes).toContainEqual({
      what: 'volume web_photos',
      before: 'present',
      after: 'kept',
    });
    expect(remove(true).step).toMatchObject({
      after: { deleteVolumes: true },
      irreversible: expect.anything() as string,
    });
    expect(
      remove(true)
        .risks.filter(({ alwaysApprove }) => alwaysApprove)
        .map(({ code }) => code),
    ).toEqual(['removal', 'irreversible', 'volume-lost']);
    expect(
      decide(
        { want: 'absent', name: 'web', service: web(), deleteVolumes: false, owned: [] },
        null,
        observation({}),
      ).step,
    ).toBeNull();
  });

  test('a first deployment that stopped half-way can still be removed', () => {
    const half = deployed(web(), {
      current: null,
      releases: [],
      applying: { release: 'r1', previous: null },
    });
    expect(want(web(), half).step?.before).toBeNull();
    const removal = decide(
      { want: 'absent', name: 'web', service: web(), deleteVolumes: false, owned: [] },
      null,
      half,
    );
    expect(removal.step).toMatchObject({ after: null, before: { release: null } });
    expect(removal.risks.map(({ code }) => code)).toContain('irreversible');
  });

  test('the way to a release names it; one that is not there is a problem, as is an image nobody has any more', () => {
    const old = release(web(), {
      id: 'r0',
      images: { web: { reference: image, digest: 'sha256:d0', id: 'sha256:zero' } },
    });
    const to = (id: string, more: Partial<HostObservation>) =>
      decide(
        { want: 'release', name: 'web', service: web(), release: id, owned: [] },
        null,
        deployed(web(), { releases: [release(web()), old] }, more),
      );
    const images = new Map([['sha256:zero', { id: 'sha256:zero', digests: ['sha256:d0'] }]]);
    expect(to('r0', { images }).step).toMatchObject({
      cause: 'back to release r0',
      after: { release: 'r0' },
    });
    expect(to('r9', {}).problems.map(({ code }) => code)).toEqual(['release-unknown']);
    expect(to('r0', { images: new Map() }).problems.map(({ code }) => code)).toEqual(['image-not-found']);
    const pinned = new Map([['registry/web@sha256:d0', { kind: 'digest', digest: 'sha256:d0' } as const]]);
    expect(to('r0', { images: new Map(), registry: pinned }).step).not.toBeNull();
  });
});
