import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import type { DefinitionEdit } from '../../../engine/ports.ts';
import { fleetSource, sentinelYml, treeOf } from './support.ts';

const path = 'services/media/web.yml';

function set(text: string, ...edits: readonly DefinitionEdit[]): string {
  const tree = treeOf({ 'sentinel.yml': sentinelYml, [path]: text });
  const result = fleetSource().setValues({ tree, environment: '', service: 'web' }, edits);
  if (!result.ok) throw new Error(result.problems[0]?.message);
  expect(result.value.map((file) => file.path)).toEqual(result.value.length === 0 ? [] : [path]);
  return result.value[0]?.text ?? text;
}
const edit = (keys: string, value: DefinitionEdit['value']): DefinitionEdit => ({
  path: keys.split('.'),
  value,
});

const text = `# kept
service:   { name: web, version: "1" } # oddly   spaced


deployment:
    target_host:    h1   # four spaces
    image:   nginx:1.27   # pinned by ana
    port: 8080

dns:
    hostname:   'web'   # the short one
    # ip: 192.168.40.9
    ip: 192.168.40.20   # where the proxy is

# who watches it
glance:
    bookmark:
        title: "Web: all"
        description: |
            first

            second
`;
const variants = [
  ['LF', text],
  ['CRLF', text.replaceAll('\n', '\r\n')],
  ['a byte order mark', `\uFEFF${text}`],
  ['no line end at the end', text.trimEnd()],
] as const;

describe.each(variants)('a file with %s', (_name, whole) => {
  const eol = whole.includes('\r\n') ? '\r\n' : '\n';

  test.each([
    ['dns.ip', '192.168.40.21', 'ip: 192.168.40.20 ', 'ip: 192.168.40.21 '],
    ['dns.hostname', "o'web", "'web'", "'o''web'"],
    ['glance.bookmark.title', 'say "hi"', '"Web: all"', String.raw`"say \"hi\""`],
    ['deployment.port', 8081, 'port: 8080', 'port: 8081'],
    ['dns.ip', '10', 'ip: 192.168.40.20 ', 'ip: "10" '],
    ['deployment.image', 'a: b', 'nginx:1.27 ', '"a: b" '],
    ['service.name', 'web', 'name: web', 'name: web'],
    ['service.version', '2', '"1"', '"2"'],
  ])('a value that is there is replaced and not one byte more: %s → %s', (keys, value, from, to) => {
    expect(set(whole, edit(keys, value))).toBe(whole.replace(from, to));
  });

  test('a value that is so already changes nothing', () => {
    expect(set(whole, edit('dns.ip', '192.168.40.20'), edit('deployment.port', 8080))).toBe(whole);
  });

  test('removing a value takes its line, with the comment on it, and nothing else', () => {
    expect(set(whole, edit('dns.ip', null))).toBe(
      whole.replace(`    ip: 192.168.40.20   # where the proxy is${eol}`, ''),
    );
    expect(set(whole, edit('dns.nothing', null), edit('traefik.subdomain', null))).toBe(whole);
  });

  test('a missing value comes at the end of its section, indented as the file is', () => {
    const changed = set(whole, edit('deployment.container_port', 80));
    expect(changed).toBe(whole.replace(`port: 8080${eol}`, `port: 8080${eol}    container_port: 80${eol}`));
  });

  test('a missing section comes at the end, apart from what is before it where the others are', () => {
    const ended = whole.endsWith(eol) ? whole : whole + eol;
    const changed = set(whole, edit('traefik.tls.enabled', false));
    const end = whole.endsWith(eol) ? eol : '';
    expect(changed).toBe(`${ended}${eol}traefik:${eol}    tls:${eol}        enabled: false${end}`);
  });

  test.each([
    [edit('dns.enabled', false), edit('dns.enabled', null)],
    [edit('glance.bookmark.icon', 'si:web'), edit('glance.bookmark.icon', null)],
    [edit('glance.page', 'home'), edit('glance.page', null)],
    [edit('traefik.subdomain', 'web'), edit('traefik', null)],
    [edit('traefik.tls.enabled', false), edit('traefik', null)],
  ])('what was added and is removed again leaves the file as it was: %j', (add, remove) => {
    const added = set(whole, add);
    expect(added).not.toBe(whole);
    expect(set(added, remove)).toBe(whole);
  });

  test('several values in one go are all there', () => {
    const changed = set(
      whole,
      edit('glance.bookmark.group', 'Media'),
      edit('glance.monitor.title', 'Web'),
      edit('glance.monitor.icon', 'si:web'),
      edit('dns.ip', null),
    );
    expect(parse(changed)).toMatchObject({
      dns: { hostname: 'web' },
      glance: {
        bookmark: { group: 'Media', title: 'Web: all', description: 'first\n\nsecond\n' },
        monitor: { title: 'Web', icon: 'si:web' },
      },
    });
  });
});

describe('a section that is left empty', () => {
  const small =
    'service:\n  name: web\ndns: # a name of its own\n  ip: 10.0.0.1\nwatchtower:\n  enabled: true\n';

  test('stays, since being there means something', () => {
    const changed = set(small, edit('dns.ip', null));
    expect(changed).toBe(small.replace('dns:', 'dns: {}').replace('  ip: 10.0.0.1\n', ''));
  });

  test('takes its first value again', () => {
    expect(set(set(small, edit('dns.ip', null)), edit('dns.ip', '10.0.0.1'))).toBe(small);
    expect(set(small.replace('  ip: 10.0.0.1\n', ''), edit('dns.ip', '10.0.0.1'))).toBe(small);
  });
});

describe('what could not be changed without changing more', () => {
  test.each([
    ['in braces on one line', 'dns: { hostname: web }\n', edit('dns.ip', '10.0.0.1'), 'in braces'],
    ['in braces on one line', 'dns: { ip: 10.0.0.1 }\n', edit('dns.ip', null), 'in braces'],
    ['an alias', 'x-ip: &ip 10.0.0.1\ndns:\n  ip: *ip\n', edit('dns.ip', '10.0.0.2'), 'alias'],
    [
      'something others refer to',
      'dns:\n  ip: &ip 10.0.0.1\nx-ip: *ip\n',
      edit('dns.ip', '10.0.0.2'),
      'something else too',
    ],
    ['a value over several lines', 'dns:\n  ip: |\n    10.0.0.1\n', edit('dns.ip', 'x'), 'several lines'],
    ['a section', 'dns:\n  ip: {}\n', edit('dns.ip', 'x'), 'a whole section'],
    ['a list', 'dns: [a]\n', edit('dns.ip', 'x'), 'not written as a section'],
  ])('is refused with the place and what to do: %s', (_what, more, change, why) => {
    const tree = treeOf({ 'sentinel.yml': sentinelYml, [path]: `service:\n  name: web\n${more}` });
    const result = fleetSource().setValues({ tree, environment: '', service: 'web' }, [change]);
    if (result.ok) throw new Error('it was not refused');
    const [problem] = result.problems;
    expect(problem).toMatchObject({ code: 'value-unclear', where: path });
    expect(problem?.message).toContain(why);
    expect(problem?.hint).toContain('by hand');
  });

  test('a service nobody defines is refused with the nearest name', () => {
    const tree = treeOf({ 'sentinel.yml': sentinelYml, [path]: text });
    expect(
      fleetSource().setValues({ tree, environment: '', service: 'wbe' }, [edit('dns.ip', 'x')]),
    ).toMatchObject({
      ok: false,
      problems: [{ code: 'service-unknown', hint: "did you mean 'web'?" }],
    });
  });
});
