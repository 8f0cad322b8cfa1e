import { describe, expect, test } from 'vitest';
import type { RepositoryConfig } from '../../../bot/config-repository.ts';
import { projectName, readProjects } from '../../../bot/gitlab/projects.ts';
import { createLog } from '../../../bot/log.ts';
import { ProblemError } from '../../../engine/index.ts';

const log = createLog({ level: 'error', redact: (line) => line, to: { write: () => undefined } });
const away = (): Promise<never> =>
  Promise.reject(new ProblemError({ code: 'forge-unreachable', message: 'GitLab does not answer.' }));

function memory() {
  const values = new Map<string, string>();
  return {
    getMeta: (key: string) => values.get(key),
    setMeta: (key: string, value: string) => void values.set(key, value),
  };
}

describe('the projects of a group', () => {
  const found = [
    { path: 'homelab/apps/grafana', cloneUrl: 'https://gitlab.home.lan/homelab/apps/grafana.git' },
    { path: 'homelab/apps/loki', cloneUrl: null },
  ];

  test('are those GitLab told last, while it is away', async () => {
    const at = { key: 'group homelab/apps', store: memory(), log };
    expect(await readProjects(at, () => Promise.resolve(found))).toEqual(found);
    expect(await readProjects(at, away)).toEqual(found);
    expect(await readProjects(at, () => Promise.resolve([]))).toEqual([]);
    expect(await readProjects(at, away)).toEqual([]);
  });

  test('are a problem where GitLab never told any', async () => {
    await expect(readProjects({ key: 'group x', store: memory(), log }, away)).rejects.toThrow(
      'GitLab does not answer.',
    );
  });

  test('are called by their place in it, behind its own name', () => {
    const base = { name: '', place: { kind: 'group', group: 'homelab/apps' } } as RepositoryConfig;
    expect(projectName(base, 'homelab/apps/Grafana')).toBe('grafana');
    expect(projectName(base, 'homelab/apps/media/jelly.fin')).toBe('media-jelly-fin');
    expect(projectName({ ...base, name: 'apps' }, 'homelab/apps/loki')).toBe('apps-loki');
    const byNumber: RepositoryConfig = { ...base, place: { kind: 'group', group: '9' } };
    expect(projectName(byNumber, 'homelab/apps/loki')).toBe('loki');
    const one: RepositoryConfig = { ...base, name: 'x', place: { kind: 'project', project: 'a/b' } };
    expect(projectName(one, 'a/b')).toBe('x');
  });
});
