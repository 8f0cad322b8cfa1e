import { describe, expect, test } from 'vitest';
import { adoptRoute } from '../../../../engine/stages/traefik/adopt.ts';
import { decide, wishOf } from '../../../../engine/stages/traefik/decide.ts';
import { readFoundFile } from '../../../../engine/stages/traefik/found-file.ts';
import type { Service } from '../../../../engine/index.ts';
import { authentik, present, routed, signOn } from './support.ts';

const system = {
  host: 'edge',
  address: '192.168.40.2',
  httpsPort: 443,
  httpPort: 80,
  directory: '/dynamic',
  api: null,
  container: null,
  ca: null,
};

/** The step that would undo what somebody did to the file, and what keeping it would write into Git. */
function kept(service: Service, edit: (text: string) => string) {
  const scoped = present(service);
  const wish = wishOf(scoped, { system, authentik });
  if (wish.kind !== 'file') throw new Error('no file is wanted');
  const file = readFoundFile(wish.file.state.path, edit(wish.file.text));
  const files = new Map([[file.path, file]]);
  const { step } = decide({ scoped, wish }, { system, authentik, files, all: [{ scoped, wish }] });
  return step === null ? null : { step, edits: adoptRoute(step, service) };
}

describe('keeping what somebody changed by hand', () => {
  test.each([
    [
      'another host name',
      /grafana\.home\.lan/g,
      'stats.home.lan',
      [{ path: ['traefik', 'subdomain'], value: 'stats.home.lan' }],
    ],
    ['another port', ':3030', ':4040', [{ path: ['traefik', 'port'], value: 4040 }]],
    [
      'another scheme and port',
      'http://192.168.40.13:3030',
      'https://192.168.40.13',
      [
        { path: ['traefik', 'scheme'], value: 'https' },
        { path: ['traefik', 'port'], value: 443 },
      ],
    ],
    [
      'another resolver',
      'letsencrypt',
      'internal',
      [{ path: ['traefik', 'tls', 'cert_resolver'], value: 'internal' }],
    ],
  ])('%s is an edit of the definition', (_what, from, to, edits) => {
    expect(kept(routed('grafana'), (text) => text.replace(from, to))?.edits).toEqual(edits);
  });

  test.each([
    ['a host name of another domain', /grafana\.home\.lan/g, 'grafana.example.net'],
    ['a backend on another machine', '192.168.40.13', '192.168.40.99'],
    ['other entry points', '- websecure', '- web'],
    ['a middleware', '      service: grafana', '      middlewares: [x]\n      service: grafana'],
    ['only a comment', 'http:\n', 'http: # mine\n'],
  ])('%s cannot be said in single values', (_what, from, to) => {
    expect(kept(routed('grafana'), (text) => text.replace(from, to))).toMatchObject({ edits: null });
  });

  test('a host name has to be the same in every rule', () => {
    const guarded = routed('grafana', {}, { signOn: signOn('forward_auth') });
    const once = kept(guarded, (text) => text.replace('grafana.home.lan', 'stats.home.lan'));
    expect(once?.edits).toBeNull();
  });

  test('a file that is gone means no route', () => {
    const service = routed('grafana');
    const step = kept(service, (text) => text.replace('3030', '1'))!.step;
    expect(adoptRoute({ ...step, before: null }, service)).toEqual([
      { path: ['traefik', 'enabled'], value: false },
    ]);
  });

  test('values that may be secret are not shown', () => {
    const found = kept(routed('grafana'), (text) =>
      `${text}  middlewares:\n    login: { basicAuth: { users: ["ana:hash"] } }\n`.replace(
        'http://192.168.40.13',
        'http://ana:word@192.168.40.13',
      ),
    );
    expect(JSON.stringify(found?.step.changes)).not.toMatch(/hash|word/);
    expect(found?.step.changes).toContainEqual({
      what: 'middleware login.basicAuth.users',
      before: 'written',
      after: null,
    });
  });
});
