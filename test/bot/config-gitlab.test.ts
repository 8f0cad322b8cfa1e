import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../bot/config.ts';
import { parseInventory } from '../../engine/definitions/index.ts';

const start = `discord: { guild: "123456789012345678", channel: "123456789012345679" }
roles: [{ role: "123456789012345670", capabilities: [view, deploy] }]
`;
const gitlab = 'gitlab: { url: "https://gitlab.home.lan/" }\n';

function read(text: string, env: Readonly<Record<string, string>> = { GITLAB_TOKEN: 'glpat-canary' }) {
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'services'));
  writeFileSync(join(folder, 'ca.pem'), 'an authority');
  const file = join(folder, 'bot.yml');
  writeFileSync(file, `${start}${text}`);
  return readConfig({ file, env: { DISCORD_TOKEN: 'x', ...env }, parseInventory });
}
function said(text: string, env?: Readonly<Record<string, string>>): readonly string[] {
  const config = read(text, env);
  return config.ok
    ? []
    : config.problems.map(
        ({ where, message }) => `${where?.split(':').slice(-2).join(':') ?? ''} ${message}`,
      );
}

describe('the GitLab server', () => {
  test('needs an address only; its token is one of Sentinel’s own secrets', () => {
    expect(read(`${gitlab}repositories: [{ name: homelab, project: homelab/services }]\n`)).toMatchObject({
      ok: true,
      value: {
        gitlab: {
          ...{ url: 'https://gitlab.home.lan', token: 'glpat-canary', ca: null, webhook: null },
          ...{ lookMs: 20_000, appearMs: 120_000 },
        },
        secrets: { own: { GITLAB_TOKEN: 'glpat-canary' }, gitlab: { projects: [], groups: [] } },
        people: [],
      },
    });
  });

  test('has what is said of it', () => {
    const text = `gitlab:
  url: http://10.0.0.9:8929/gitlab
  token: API_TOKEN
  ca: ca.pem
  webhook: { token: HOOK, signing: SIGNING }
  look: 1m
  appear: 90
repositories: [{ name: homelab, project: 42 }]
secrets: { gitlab: { projects: [homelab/services, 7], groups: [homelab] } }
`;
    const env = { API_TOKEN: 'a-canary', HOOK: 'h-canary', SIGNING: 's-canary' };
    expect(read(text, env)).toMatchObject({
      ok: true,
      value: {
        gitlab: {
          ...{ url: 'http://10.0.0.9:8929/gitlab', token: 'a-canary', lookMs: 60_000, appearMs: 90_000 },
          ca: { text: 'an authority' },
          webhook: { token: 'h-canary', signing: 's-canary' },
        },
        repositories: [{ place: { kind: 'project', project: '42' } }],
        secrets: {
          own: env,
          gitlab: { projects: ['homelab/services', '7'], groups: ['homelab'] },
        },
      },
    });
  });

  test('says everything that is missing or wrong, each with its place', () => {
    expect(
      said(
        `gitlab: { url: "http://[x", ca: nowhere.pem, webhook: {} }\nrepositories: [{ name: a, project: b/c }]\n`,
        {},
      ).map((line) => line.replace(/\/\S+\//, '')),
    ).toEqual([
      '3:16 http://[x is no address.',
      '3:46 The webhook has neither a token nor a signing token, so anybody could post to it.',
      '3:1 The secret GITLAB_TOKEN has no value.',
      '3:33 nowhere.pem cannot be read.',
    ]);
  });

  test('has to be named where something is on it', () => {
    expect(
      said(`repositories: [{ name: a, project: b/c }, { group: d }]\nsecrets: { gitlab: { groups: [d] } }\n`),
    ).toEqual([
      expect.stringContaining('Nothing says which GitLab server this is on.'),
      expect.stringContaining('Nothing says which GitLab server this is on.'),
      expect.stringContaining('Nothing says which GitLab server has these variables.'),
    ]);
  });
});

describe('a repository', () => {
  test('is a project or a group of it, with changes and a route for each environment', () => {
    const config = read(`${gitlab}repositories:
  - name: homelab
    project: homelab/services
    route: pipeline
    changes: merge-request
    labels: [sentinel, "needs look"]
    message: "chore: {subject}"
    environments:
      production: {}
      staging: { branch: next, changes: commit, route: engine, path: environments/staging }
  - group: homelab/apps
`);
    expect(config.ok && config.value.repositories).toMatchObject([
      {
        place: { kind: 'project', project: 'homelab/services' },
        ...{ layout: 'fleet', route: 'pipeline', labels: ['sentinel', 'needs look'] },
        message: 'chore: {subject}',
        environments: {
          production: { branch: 'main', changes: 'merge-request', route: 'pipeline', path: null },
          staging: { branch: 'next', changes: 'commit', route: 'engine', path: 'environments/staging' },
        },
      },
      { name: '', place: { kind: 'group', group: 'homelab/apps' }, layout: 'single', route: 'engine' },
    ]);
  });

  test.each([
    ['two addresses', '{ name: a, url: x, project: b/c }', 'url and project exclude each other'],
    ['no address', '{ name: a }', 'url is required'],
    ['a project without a name', '{ project: b/c }', 'name is required'],
    ['a group of many services', '{ group: b, layout: fleet }', 'Every project of a group is one service.'],
    [
      'a login of its own beside the token',
      '{ name: a, project: b/c, credential: { secret: GITLAB_TOKEN } }',
      'Git logs in to GitLab with the token under `gitlab`.',
    ],
    ['a message without a subject', '{ name: a, project: b/c, message: deployed }', 'does not match pattern'],
    [
      'a folder that leads out',
      '{ name: a, project: b/c, environments: { production: { path: ../x } } }',
      'does not match pattern',
    ],
    [
      'two environments of a branch by pipeline',
      '{ name: a, project: b/c, environments: { production: {}, staging: { route: pipeline } } }',
      'staging and production share the branch main',
    ],
    ['a project that is no path', '{ name: a, project: services }', 'does not match pattern'],
  ])('with %s is refused', (_, section, message) => {
    expect(said(`${gitlab}repositories:\n  - ${section}\n`)).toEqual([expect.stringContaining(message)]);
  });

  test('beside GitLab has no pipelines, merge requests, labels and conventions', () => {
    const lines = said(`repositories:
  - { name: a, path: services, route: pipeline, labels: [x], message: "x {subject}" }
  - { name: b, path: services, environments: { production: { route: pipeline, changes: merge-request } } }
`);
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'Only a GitLab project has pipelines to deploy by.',
      'Only a GitLab project has use for labels.',
      'Only a GitLab project has use for message.',
      'Only a GitLab project has pipelines to deploy by.',
      'Only a GitLab project takes merge requests.',
    ]);
  });
});

test('people are listed once, on either side', () => {
  const people = (second: string): string =>
    `repositories: [{ name: a, path: services }]\npeople:\n  - { discord: "100000000000000001", gitlab: ada, email: ada@home.lan }\n  - ${second}\n`;
  expect(read(people('{ discord: "100000000000000002", gitlab: ben }'))).toMatchObject({
    value: {
      people: [
        { discord: '100000000000000001', gitlab: 'ada', name: null, email: 'ada@home.lan' },
        { discord: '100000000000000002', gitlab: 'ben', name: null, email: null },
      ],
    },
  });
  expect(said(people('{ discord: "100000000000000001", gitlab: Ada }'))).toEqual([
    '6:16 100000000000000001 is listed twice.',
    '6:46 Ada is listed twice.',
  ]);
});
