import { describe, expect, test } from 'vitest';
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

  test('a file we left is ours, also when somebody took the mark out', () => {
    const service = routed('grafana');
    const text = textOf(service).split('\n').slice(1).join('\n');
    const { step } = decideFor(present(service, left(service)), place({ 'grafana.yml': text }));
    expect(step).toMatchObject({
      cause: 'somebody changed the route file',
      changes: [{ what: 'text of the file', before: 'written differently', after: 'as Sentinel writes it' }],
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
    expect(risks).toMatchObject([{ message: expect.stringContaining('stays as it is') as string }]);
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
