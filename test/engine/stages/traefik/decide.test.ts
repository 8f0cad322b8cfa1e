import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../../engine/digest.ts';
import type { Owned, Service } from '../../../../engine/index.ts';
import { decide, type Place, wishOf } from '../../../../engine/stages/traefik/decide.ts';
import { readFoundFile } from '../../../../engine/stages/traefik/found-file.ts';
import { absent, authentik, present, routed, signOn } from './support.ts';

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
const place = (files: Readonly<Record<string, string>>, more: Partial<Place> = {}): Place => ({
  system,
  authentik,
  files: new Map(
    Object.entries(files).map(([name, text]) => [
      `/dynamic/${name}`,
      readFoundFile(`/dynamic/${name}`, text),
    ]),
  ),
  all: [],
  ...more,
});
const decideFor = (scoped: ReturnType<typeof present>, where: Place) =>
  decide({ scoped, wish: wishOf(scoped, where) }, where);
const textOf = (service: Service) => {
  const wish = wishOf(present(service), { system, authentik });
  if (wish.kind !== 'file') throw new Error('no file is wanted');
  return wish.file.text;
};
const staysOpen = expect.stringContaining('grafana.home.lan stays reachable without a sign-on') as string;
const left = (service: Service): Owned => [decideFor(present(service), place({})).step!];

describe('deciding about a route', () => {
  test('gives the same thing the same name in every plan', () => {
    const service = routed('grafana');
    const first = decideFor(present(service), place({})).step;
    const changed = decideFor(
      present(routed('grafana', { hostname: 'stats.home.lan' })),
      place({ 'grafana.yml': textOf(service) }),
    ).step;
    const gone = decideFor(absent(service), place({ 'grafana.yml': textOf(service) })).step;
    expect([changed?.target, gone?.target]).toEqual([first?.target, first?.target]);
    expect(decideFor(present(routed('other')), place({})).step?.target).not.toBe(first?.target);
  });

  test('a file marked for another service is not ours', () => {
    const { step, risks } = decideFor(
      present(routed('grafana')),
      place({ 'grafana.yml': textOf(routed('other')) }),
    );
    expect(step).toBeNull();
    expect(risks).toMatchObject([{ code: 'conflict' }]);
  });

  test('a file without our mark is ours only as long as it is as we left it', () => {
    const service = routed('grafana');
    const { step } = decideFor(present(service), place({}));
    const unmarked = textOf(service).split('\n').slice(1).join('\n');
    const leftSo = [{ ...step!, after: { ...step!.after!, content: sha256(unmarked) } }];
    expect(decideFor(present(service, leftSo), place({ 'grafana.yml': unmarked })).step?.changes).toEqual([
      { what: 'text of the file', before: 'written differently', after: 'as Sentinel writes it' },
    ]);
    const other = decideFor(present(service, left(service)), place({ 'grafana.yml': unmarked }));
    expect(other).toMatchObject({ step: null, risks: [{ code: 'conflict', alwaysApprove: false }] });
    const gone = decideFor(absent(service, left(service)), place({ 'grafana.yml': unmarked }));
    expect(gone).toMatchObject({ step: null, risks: [{ code: 'system-left' }] });
  });

  test('a file somebody changed and took the mark from is said to stay open where a sign-on is wanted', () => {
    const unmarked = textOf(routed('grafana')).split('\n').slice(1).join('\n');
    const guarded = routed('grafana', {}, { signOn: signOn('forward_auth') });
    const { step, risks } = decideFor(
      present(guarded, left(routed('grafana'))),
      place({ 'grafana.yml': unmarked }),
    );
    expect(step).toBeNull();
    expect(risks).toMatchObject([{ code: 'conflict', alwaysApprove: true, message: staysOpen }]);
  });

  test('a file somebody changed is said to be, one whose change was put back is not', () => {
    const [old, wanted] = [routed('grafana'), routed('grafana', { backend: 'http://192.168.40.13:4040' })];
    const files = place({ 'grafana.yml': textOf(old) });
    const failed = decideFor(present(wanted, left(old)), files).step!;
    const next = decideFor(present(wanted, [failed]), files);
    expect(next.step?.cause).toBe('the route differs from what Git wants');
    expect(decideFor(absent(wanted, [failed]), files).step?.after).toBeNull();

    const edited = place({ 'grafana.yml': `${textOf(old)}# mine\n` });
    const repair = decideFor(present(old, left(old)), edited).step!;
    expect(repair.cause).toBe('somebody changed the route file');
    expect(decideFor(present(old, [repair]), edited).step?.cause).toBe('somebody changed the route file');
    expect(decideFor(absent(old, [repair]), edited)).toMatchObject({
      step: null,
      risks: [{ code: 'system-left' }],
    });
  });

  test('a route that is gone is written again, and a sign-on it had is still missed', () => {
    const guarded = routed('grafana', {}, { signOn: signOn('forward_auth') });
    const { step, risks } = decideFor(present(routed('grafana'), left(guarded)), place({}));
    expect(step?.cause).toBe('somebody removed the route file');
    expect(risks).toMatchObject([{ code: 'sign-on-removed', alwaysApprove: true }]);
  });

  test('a sign-on by the service itself in place of one in front needs somebody to agree', () => {
    const guarded = routed('grafana', {}, { signOn: signOn('proxy') });
    const own = routed('grafana', {}, { signOn: signOn('oidc') });
    const { risks } = decideFor(present(own, left(guarded)), place({ 'grafana.yml': textOf(guarded) }));
    expect(risks).toMatchObject([
      { code: 'sign-on-removed', message: expect.stringContaining('only the service itself') as string },
    ]);
  });

  test('a name another service of ours gives up in the same plan is free, and one it keeps is not', () => {
    const wanting = present(routed('new', { hostname: 'shared.home.lan' }));
    const giver = routed('old', { hostname: 'shared.home.lan' });
    const files = { 'old.yml': textOf(giver) };
    const leaving = absent(giver);
    const all = [leaving, wanting].map((scoped) => ({ scoped, wish: wishOf(scoped, { system, authentik }) }));
    expect(decideFor(wanting, place(files, { all })).step).not.toBeNull();
    expect(decideFor(wanting, place(files)).risks).toMatchObject([
      { code: 'conflict', message: expect.stringContaining('old.yml') as string },
    ]);
  });

  test('a sign-on is put in front of our own file although another one has its name, which is said', () => {
    const open = routed('grafana');
    const guarded = routed('grafana', {}, { signOn: signOn('forward_auth') });
    const files = {
      'grafana.yml': textOf(open),
      'other.yml': 'http: { routers: { other: { rule: "Host(`grafana.home.lan`)", service: other } } }',
    };
    const { step, risks } = decideFor(present(guarded, left(open)), place(files));
    expect(step).toMatchObject({ before: { signOn: false }, after: { signOn: true } });
    expect(risks).toMatchObject([
      { code: 'conflict', message: expect.stringContaining('other.yml already routes') as string },
    ]);
    expect(risks[0]?.message).not.toContain('no route is written');

    const renamed = decideFor(
      present(guarded, left(open)),
      place({ ...files, 'grafana.yml': textOf(routed('grafana', { hostname: 'stats.home.lan' })) }),
    );
    expect(renamed).toMatchObject({
      step: null,
      risks: [
        {
          code: 'conflict',
          alwaysApprove: true,
          message: expect.stringContaining('stats.home.lan stays reachable without a sign-on') as string,
        },
      ],
    });

    const elsewhere = routed('grafana', { backend: 'http://192.168.40.13:1' });
    expect(decideFor(present(elsewhere, left(open)), place(files)).step).toBeNull();
    const only = place({ 'other.yml': files['other.yml'] });
    expect(decideFor(present(guarded), only).step).toBeNull();
  });

  test.each(['no-auth@docker', 'author-headers', 'x-login-page@file'])(
    'a middleware called %s is no sign-on nobody has to agree to lose',
    (name) => {
      const guarded = routed('grafana', {}, { signOn: signOn('forward_auth') });
      const open = routed('grafana', { middlewares: [name] });
      const { risks } = decideFor(present(open, left(guarded)), place({ 'grafana.yml': textOf(guarded) }));
      expect(risks).toMatchObject([{ code: 'sign-on-removed', alwaysApprove: true }]);
    },
  );

  test('what a person wrote into an address or a rule is in no step', () => {
    const service = routed('grafana');
    const text = textOf(service)
      .replace('http://192.168.40.13:3030', 'http://admin:HUNTER2@10.0.0.9:1/hook?key=QSECRET')
      .replace(/rule: .*/, 'rule: Host(`grafana.home.lan`) && Query(`token`, `RSECRET`)');
    for (const scoped of [present(service, left(service)), absent(service)]) {
      const { step } = decideFor(scoped, place({ 'grafana.yml': text }));
      expect(step).not.toBeNull();
      expect(JSON.stringify(step)).not.toMatch(/HUNTER2|QSECRET|RSECRET/);
      expect(JSON.stringify(step)).toContain('http://10.0.0.9:1');
    }
  });

  test('what cannot be read of a foreign file is told by place, never in its own words', () => {
    const { fault } = readFoundFile('/dynamic/x.yml', 'a: 1\nb: *S3CRET\n');
    const broken = readFoundFile('/dynamic/x.yml', 'a: 1\nb: |S3CRET\n  c\n').fault;
    expect([fault, broken].join(' ')).not.toContain('S3CRET');
    expect(broken).toContain('line 2');
  });

  test('a sign-on lost by way of another directory needs somebody to agree too', () => {
    const guarded = routed('grafana', {}, { signOn: signOn('forward_auth') });
    const moved = place({}, { system: { ...system, directory: '/elsewhere' } });
    expect(decideFor(present(routed('grafana'), left(guarded)), moved).risks).toMatchObject([
      { code: 'sign-on-removed', alwaysApprove: true },
    ]);
    expect(decideFor(present(guarded, left(guarded)), moved).risks).toEqual([]);
    expect(decideFor(present(routed('grafana'), left(routed('grafana'))), moved).risks).toEqual([]);
  });

  test('a definition Traefik would refuse is a problem, not a step', () => {
    const bad = routed('grafana', { middlewares: ['a\nb'] });
    const { step, problems } = decideFor(present(bad), place({}));
    expect(step).toBeNull();
    expect(problems).toMatchObject([{ code: 'definition-invalid' }]);
  });

  test('a route that wants a sign-on nobody gives stays as it is', () => {
    const guarded = routed('grafana', {}, { signOn: signOn('forward_auth') });
    const without = place({ 'grafana.yml': textOf(guarded) }, { authentik: null });
    const { step, risks } = decideFor(present(guarded), without);
    expect(step).toBeNull();
    expect(risks).toMatchObject([
      { message: expect.stringContaining('stays as it is') as string, alwaysApprove: false },
    ]);
  });

  test('an open route of ours that wants a sign-on nobody gives is said to stay open', () => {
    const guarded = routed('grafana', {}, { signOn: signOn('forward_auth') });
    const without = place({ 'grafana.yml': textOf(routed('grafana')) }, { authentik: null });
    const { step, risks } = decideFor(present(guarded, left(routed('grafana'))), without);
    expect(step).toBeNull();
    expect(risks).toMatchObject([{ code: 'system-missing', alwaysApprove: true, message: staysOpen }]);
  });
});

describe('a file of somebody else', () => {
  const faultOf = (text: string) => readFoundFile('/dynamic/x.yml', text).fault;

  test.each([
    ['YAML that is none', 'http: ['],
    ['a key that is there twice', 'http:\n  routers: 1\n  routers: 2\n'],
    ['an empty section', 'http:\n  routers: {}\n'],
    ['an empty router', 'http: { routers: { a: {} } }'],
    ['a list', '- a\n'],
  ])('with %s stops Traefik', (_what, text) => {
    expect(faultOf(text)).not.toBeNull();
  });

  test.each([
    ['nothing', ''],
    ['only a comment', '# nothing\n'],
    ['an empty TLS section of a router', 'http: { routers: { a: { rule: x, tls: {} } } }'],
    ['an empty compression', 'http: { middlewares: { c: { compress: {} } } }'],
    ['a section left blank', 'http:\n  routers:\n'],
    ['keys of its own at the root', 'mine: {}\n'],
    ['an anchor', 'x: &x { service: a }\nhttp: { routers: { a: { <<: *x, rule: "Host(`a.lan`)" } } }'],
    ['a second document', 'http: { routers: { a: { rule: x, service: a } } }\n---\nb: 1\n'],
    ['templates', '{{ range $i := until 3 }}\nhttp: {}\n{{ end }}'],
  ])('with %s does not', (_what, text) => {
    expect(faultOf(text)).toBeNull();
  });
});
