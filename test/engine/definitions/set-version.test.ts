import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { createSource } from '../../../engine/definitions/index.ts';
import { fleetSource, repository, sentinelYml, treeOf } from './support.ts';

const path = 'services/media/web.yml';
const fleet = (text: string) => treeOf({ 'sentinel.yml': sentinelYml, [path]: text });

function setInFleet(text: string, version: string): string {
  const result = fleetSource().setVersion({ tree: fleet(text), environment: '', service: 'web' }, version);
  if (!result.ok) throw new Error(result.problems[0]?.message);
  return result.value[0]?.text ?? text;
}
function refusal(result: ReturnType<ReturnType<typeof fleetSource>['setVersion']>): string {
  if (result.ok) throw new Error('it was not refused');
  expect(result.problems[0]?.code).toBe('version-unclear');
  expect(result.problems[0]?.hint).toBeTruthy();
  return result.problems[0]?.message ?? '';
}

const around = (image: string, version = '') => `# kept
service:   { name: web${version} } # oddly   spaced


deployment:
    target_host:    h1   # four spaces
    image:   ${image}   # pinned by ana
    port: 8080
    command: ["--image", "nginx:1.27"]
`;

describe('a new version', () => {
  const digest = `sha256:${'ab'.repeat(32)}`;
  const cases: readonly (readonly [string, string, string])[] = [
    ['nginx:1.27', '1.28', 'nginx:1.28'],
    ['"nginx:1.27"', '1.28', '"nginx:1.28"'],
    ["'nginx:1.27'", '1.28-alpine', "'nginx:1.28-alpine'"],
    ['nginx', '1.28', 'nginx:1.28'],
    ['registry.local:5000/group/nginx', 'v2', 'registry.local:5000/group/nginx:v2'],
    ['registry.local:5000/group/nginx:1.27', 'v2', 'registry.local:5000/group/nginx:v2'],
    [`nginx:1.27@${digest}`, '1.28', 'nginx:1.28'],
    [`nginx@${digest}`, '1.28', 'nginx:1.28'],
    ['nginx:1.27', `1.28@${digest}`, `nginx:1.28@${digest}`],
    ['&img nginx:1.27', '1.28', '&img nginx:1.28'],
  ];
  for (const newline of ['\n', '\r\n'])
    for (const mark of ['', '\uFEFF'])
      test.each(cases)(
        `changes %s to %s and not one byte more (${JSON.stringify(mark + newline)})`,
        (before, version, after) => {
          const text = (image: string) => mark + around(image).replaceAll('\n', newline);
          expect(setInFleet(text(before), version)).toBe(text(after));
        },
      );

  test('moves service.version along when it named the old tag', () => {
    expect(setInFleet(around('nginx:1.27', ', version: "1.27"'), '1.28')).toBe(
      around('nginx:1.28', ', version: "1.28"'),
    );
  });
  test('leaves service.version alone when it named something else', () => {
    const text = around('nginx:1.27', ', version: stable');
    expect(setInFleet(text, '1.28')).toBe(text.replace('image:   nginx:1.27', 'image:   nginx:1.28'));
  });
  test('is quoted in service.version where YAML would read a number', () => {
    const changed = setInFleet(around('nginx:1.27.1', ', version: 1.27.1'), '1.28');
    expect(changed).toBe(around('nginx:1.28', ', version: "1.28"'));
    expect((parse(changed) as { service: { version: unknown } }).service.version).toBe('1.28');
  });
  test('that is there already changes nothing', () => {
    expect(
      fleetSource().setVersion(
        { tree: fleet(around('nginx:1.27')), environment: '', service: 'web' },
        '1.27',
      ),
    ).toEqual({
      ok: true,
      value: [],
    });
  });
  test.each(['', 'a b', '../x', 'x:y', '-x', '$(reboot)', '1.0@sha256:short'])(
    'that no image can have is refused: %j',
    (version) => {
      expect(
        refusal(
          fleetSource().setVersion(
            { tree: fleet(around('nginx:1.27')), environment: '', service: 'web' },
            version,
          ),
        ),
      ).toContain('is not a tag');
    },
  );
  test('cannot be set where the image is an alias', () => {
    const text = 'x-image: &i nginx:1.27\n' + around('*i');
    expect(
      refusal(fleetSource().setVersion({ tree: fleet(text), environment: '', service: 'web' }, '1.28')),
    ).toContain('is not written out');
  });
  test('of a service nobody defines is refused with the nearest name', () => {
    const result = fleetSource().setVersion(
      { tree: fleet(around('nginx:1.27')), environment: '', service: 'wbe' },
      '1',
    );
    expect(result).toMatchObject({
      ok: false,
      problems: [{ code: 'service-unknown', hint: "did you mean 'web'?" }],
    });
  });
});

describe('a new version in the single layout', () => {
  const service = (environment = '') =>
    `service:\n  name: web\n  version: "1.27"\ndeployment:\n  target_host: h1\n  port: 8080\n${environment}`;
  const compose = (image: string, more = '') =>
    `services:\n  web:\n    image: ${image} # keep\n    ports: ["8080:80"]\n${more}`;
  const set = (files: { service: string; compose: string }) =>
    createSource({ repository, layout: 'single' }).setVersion(
      {
        tree: treeOf({
          'sentinel.yml': sentinelYml,
          'service.yml': files.service,
          'config/docker-compose.yml': files.compose,
        }),
        ...{ environment: '', service: 'web' },
      },
      '1.28',
    );

  test('changes the compose file and the version in service.yml', () => {
    expect(
      set({ service: service(), compose: compose('nginx:1.27', '  db:\n    image: postgres:1.27\n') }),
    ).toEqual({
      ok: true,
      value: [
        {
          path: 'config/docker-compose.yml',
          text: compose('nginx:1.28', '  db:\n    image: postgres:1.27\n'),
        },
        { path: 'service.yml', text: service().replace('1.27', '1.28') },
      ],
    });
  });
  test('changes the default of the variable the tag comes from', () => {
    expect(set({ service: service(), compose: compose('"nginx:${TAG:-1.27}"') })).toMatchObject({
      ok: true,
      value: [{ text: compose('"nginx:${TAG:-1.28}"') }, { path: 'service.yml' }],
    });
  });
  test('changes the variable itself where the definition sets it', () => {
    const text = service('  environment:\n    TAG: 1.27\n');
    expect(set({ service: text, compose: compose('nginx:${TAG:-1}') })).toEqual({
      ok: true,
      value: [
        { path: 'service.yml', text: text.replace('"1.27"', '"1.28"').replace('TAG: 1.27', 'TAG: "1.28"') },
      ],
    });
  });
  test('is refused where two variables make up the tag', () => {
    expect(refusal(set({ service: service(), compose: compose('nginx:${A:-1}.${B:-27}') }))).toContain(
      'variables',
    );
  });
  test('is refused where no container has the name of the service', () => {
    const text = 'services:\n  a:\n    image: x:1\n  b:\n    image: y:1\n';
    expect(refusal(set({ service: service(), compose: text }))).toContain('none has the name of the service');
  });
});
