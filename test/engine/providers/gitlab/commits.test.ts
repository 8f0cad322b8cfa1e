import { describe, expect, test } from 'vitest';
import { clientOf, type Lab, openForge, problemOf, publicationOf, repositoryOf, valueOf } from './support.ts';
import { idle } from '../git/scratch.ts';

const jellyfin = 'services/media/jellyfin.yml';
const newer = 'name: jellyfin\nimage: jellyfin:10.10\n';
const commits = /\/repository\/commits$/;

/** A commit that makes files executable, which the API of the lab's projects has no short way for. */
async function makePrograms(
  project: Lab['project'],
  by: Lab['users']['maya'],
  paths: readonly string[],
): Promise<void> {
  const { git } = project.state.repository;
  const env = { GIT_INDEX_FILE: `${project.directory}/by-hand` };
  await git(['read-tree', 'main'], { env });
  for (const path of paths) {
    const blob = await git(['rev-parse', `main:${path}`]);
    await git(['update-index', '--cacheinfo', `100755,${blob},${path}`], { env });
  }
  const tree = await git(['write-tree'], { env });
  const person = ['-c', 'user.name=Olivia', '-c', 'user.email=olivia@home.example'];
  const made = await git([...person, 'commit-tree', tree, '-p', 'main', '-m', 'chore: programs']);
  await git(['update-ref', 'refs/heads/main', made]);
  await project.sync(by);
}

/** The commit that was made first. */
function landedOf(lab: Lab['lab']): string {
  const made = lab.exchanges.find(({ method, path }) => method === 'POST' && commits.test(path));
  return (made?.body as { readonly id: string }).id;
}

describe('a change of a GitLab project', () => {
  test('is one commit by the person, with the request and who agreed in its message', async () => {
    const { project, repository, draft, lab } = await openForge();
    const publication = await draft({ files: { [jellyfin]: newer } });
    const { commit, url } = valueOf(await repository.publish(publication, idle()));
    expect(commit).toBe(await project.head());
    expect(commit).not.toBe(publication.draft.commit);
    expect(url).toBe(`${lab.url}/homelab/services/-/commit/${commit}`);
    expect(await project.log()).toEqual([
      'feat(jellyfin): 10.10 — Ann Example',
      'feat: begin — Olivia Owner',
    ]);
    const message = await project.state.repository.git(['log', '-1', '--format=%B']);
    expect(message).toMatch(
      /\n\nRequested-by: Ann \(discord:4711\)\nApproved-by: Ben\nSentinel-Request: p-1$/,
    );
    expect((await repository.tree(commit, idle())).read(jellyfin)).toBe(newer);
  });

  test('by somebody GitLab does not know has their name and an address nobody has', async () => {
    const { project, repository, draft } = await openForge({ people: () => null });
    await repository.publish(await draft({ files: { [jellyfin]: newer } }), idle());
    const author = await project.state.repository.git(['log', '-1', '--format=%an <%ae>']);
    expect(author).toBe('Ann <discord.4711@sentinel.invalid>');
  });

  test('arrives as it was drafted: new, changed, moved and deleted files, programs and odd names', async () => {
    const { project, users, repository, draft } = await openForge();
    await project.push({
      by: users.maya,
      message: 'more',
      files: {
        'bin/run.sh': '#!/bin/sh\necho one\necho two\necho three\n',
        'old.txt': 'x',
        'tool.sh': 'a\n',
      },
    });
    await makePrograms(project, users.maya, ['bin/run.sh', 'tool.sh']);
    const publication = await draft({
      files: {
        'bin/run.sh': null,
        'bin/start ü.sh': '#!/bin/sh\necho one\necho two\necho three\n',
        'old.txt': null,
        'old.txt/now a folder': 'y',
        'tool.sh': 'b\n',
        'added.yml': 'text with\r\nodd lines \u2028 and “quotes”',
      },
    });
    const { commit } = valueOf(await repository.publish(publication, idle()));
    expect(await repository.diff(publication.draft.commit, commit, idle())).toEqual([]);
    const tree = await repository.tree(commit, idle());
    expect([tree.executable('tool.sh'), tree.executable('bin/start ü.sh')]).toEqual([true, false]);
    expect(await project.read('added.yml')).toBe('text with\r\nodd lines \u2028 and “quotes”');
  });

  test('is marked where a pipeline would do again what is done', async () => {
    const { ci, project, repository, draft } = await openForge({ messageTemplate: 'sentinel: {subject}' });
    await repository.publish(await draft({ files: { [jellyfin]: newer }, skipPipeline: true }), idle());
    const message = await project.state.repository.git(['log', '-1', '--format=%B']);
    expect(message).toMatch(/^sentinel: feat\(jellyfin\): 10\.10\n\n\[skip ci\]\n\n/);
    expect(ci).toBeDefined();
  });

  test('published again changes nothing twice', async () => {
    const { project, repository, draft, lab } = await openForge();
    const publication = await draft({ files: { [jellyfin]: newer } });
    const first = valueOf(await repository.publish(publication, idle()));
    await project.push({ by: lab.userNamed('dev'), files: { other: 'x' }, message: 'later' });
    expect(valueOf(await repository.publish(publication, idle())).commit).toBe(first.commit);
    expect(await project.log()).toHaveLength(3);
  });
});

describe('an answer that does not come', () => {
  test.each([
    ['a 502 of a proxy', { reply: { status: 502, body: {} }, applied: true }],
    ['a 500', { reply: { status: 500, body: {} }, applied: true }],
    ['a cut connection', { cut: true, applied: true }],
  ])('%s after the commit was made: one commit', async (_what, fault) => {
    const { project, repository, draft, lab } = await openForge();
    lab.faults.next({ method: 'POST', path: commits, ...fault });
    const { commit } = valueOf(
      await repository.publish(await draft({ files: { [jellyfin]: newer } }), idle()),
    );
    expect(commit).toBe(await project.head());
    expect(await project.log()).toHaveLength(2);
    expect(
      lab.exchanges.filter(({ method }) => method === 'POST').filter(({ path }) => path.endsWith('/commits')),
    ).toHaveLength(1);
  });

  test('before the commit was made: it is made by the next try', async () => {
    const { project, repository, draft, lab } = await openForge();
    lab.faults.next({ method: 'POST', path: commits, reply: { status: 503, body: {} }, times: 2 });
    valueOf(await repository.publish(await draft({ files: { new: 'x' } }), idle()));
    expect(await project.log()).toHaveLength(2);
  });

  test('for long: says so, and what is published later is published once', async () => {
    const { project, repository, draft, lab } = await openForge();
    const publication = await draft({ files: { [jellyfin]: newer } });
    lab.faults.next({ method: 'POST', path: commits, reply: { status: 503, body: {} }, times: 4 });
    expect(problemOf(await repository.publish(publication, idle()))).toMatchObject({
      code: 'forge-unreachable',
    });
    valueOf(await repository.publish(publication, idle()));
    expect(await project.log()).toHaveLength(2);
  });

  test('as the caller gave up: the next call finds what was made', async () => {
    const { project, repository, draft, lab } = await openForge();
    const publication = await draft({ files: { [jellyfin]: newer } });
    const controller = new AbortController();
    lab.faults.next({ method: 'POST', path: commits, after: () => controller.abort() });
    await expect(repository.publish(publication, controller.signal)).rejects.toThrow(/abort/i);
    const { commit } = valueOf(await repository.publish(publication, idle()));
    expect(commit).toBe(await project.head());
    expect(await project.log()).toHaveLength(2);
  });
});

describe('two people and one branch', () => {
  test('whoever changed the same file in the meantime keeps their change', async () => {
    const { project, repository, draft, lab } = await openForge();
    const publication = await draft({ files: { [jellyfin]: newer } });
    const theirs = 'name: jellyfin\nimage: jellyfin:10.8\n';
    await project.push({ by: lab.userNamed('dev'), files: { [jellyfin]: theirs }, message: 'fix: back' });
    const problem = problemOf(await repository.publish(publication, idle()));
    expect(problem).toMatchObject({
      code: 'branch-moved',
      message: expect.stringContaining('services moved') as string,
    });
    expect(await project.read(jellyfin)).toBe(theirs);
  });

  test('a change of the same file at the very moment is caught by GitLab’s lock', async () => {
    const { project, repository, draft, lab } = await openForge();
    const publication = await draft({ files: { [jellyfin]: newer } });
    lab.faults.next({
      method: 'POST',
      path: commits,
      before: async () => {
        await project.push({
          by: lab.userNamed('dev'),
          files: { [jellyfin]: 'theirs\n' },
          message: 'theirs',
        });
      },
    });
    expect(problemOf(await repository.publish(publication, idle())).code).toBe('branch-moved');
    expect(await project.read(jellyfin)).toBe('theirs\n');
    expect(await project.log()).toHaveLength(2);
  });

  test('a change of another file at the very moment: ours is taken back, as the plan was for something else', async () => {
    const { project, repository, draft, lab } = await openForge();
    const publication = await draft({ files: { [jellyfin]: newer, added: 'x' }, skipPipeline: true });
    lab.faults.next({
      method: 'POST',
      path: commits,
      before: async () => {
        await project.push({
          by: lab.userNamed('dev'),
          files: { other: 'theirs\n' },
          message: 'theirs',
        });
      },
    });
    expect(problemOf(await repository.publish(publication, idle())).code).toBe('branch-moved');
    expect(await project.read(jellyfin)).toContain('10.9');
    expect(await project.read('added')).toBeUndefined();
    expect(await project.read('other')).toBe('theirs\n');
    expect((await project.log())[0]).toBe('Take back “feat(jellyfin): 10.10” — Ann Example');
    expect(await project.state.repository.git(['log', '-1', '--format=%B'])).toContain('[skip ci]');
    // asked again, nothing more happens
    expect(problemOf(await repository.publish(publication, idle())).code).toBe('branch-moved');
    expect(await project.log()).toHaveLength(4);
  });

  describe('whose pipeline runs already', () => {
    const openRaced = async () => {
      const forge = await openForge();
      const { project, lab, draft } = forge;
      const publication = await draft({ files: { [jellyfin]: newer } });
      const before = async (): Promise<void> => {
        await project.push({ by: lab.userNamed('dev'), files: { other: 'x' }, message: 'theirs' });
      };
      lab.faults.next({ method: 'POST', path: commits, before });
      return { ...forge, publication };
    };

    test('is cancelled before the commit is taken back', async () => {
      const { ci, lab, repository, publication } = await openRaced();
      expect(problemOf(await repository.publish(publication, idle())).code).toBe('branch-moved');
      const ours = ci.pipelines().find(({ commit }) => commit === landedOf(lab))!;
      expect(ours.status).toBe('canceled');
      const writes = lab.exchanges.filter(({ method }) => method === 'POST').map(({ path }) => path);
      expect(writes.indexOf(`/projects/homelab/services/pipelines/${ours.id}/cancel`)).toBeLessThan(
        writes.lastIndexOf('/projects/homelab/services/repository/commits'),
      );
      expect(ci.pipelines().filter(({ status }) => status === 'canceled')).toHaveLength(1);
    });

    test('and cannot be cancelled is what people are told of', async () => {
      const { lab, ci, project, repository, publication } = await openRaced();
      const reply = { status: 403, body: { message: '403 Forbidden' } };
      lab.faults.next({ method: 'POST', path: /\/cancel$/, times: 2, reply });
      const problem = problemOf(await repository.publish(publication, idle()));
      const ours = ci.pipelines().find(({ commit }) => commit === landedOf(lab))!;
      expect(problem).toMatchObject({
        code: 'branch-moved',
        message: expect.stringContaining(`pipeline ${ours.id} could not be cancelled`) as string,
        hint: expect.stringContaining('Cancel it in GitLab') as string,
      });
      expect(await project.read(jellyfin)).toContain('10.9');
    });
  });

  test('where it cannot be taken back any more, people are told where it is', async () => {
    const { project, repository, draft, lab } = await openForge();
    const publication = await draft({ files: { [jellyfin]: newer } });
    const by = lab.userNamed('dev');
    lab.faults.next({
      method: 'POST',
      path: commits,
      before: async () => {
        await project.push({ by, files: { other: 'x' }, message: 'theirs' });
      },
      after: async () => {
        await project.push({ by, files: { [jellyfin]: 'newest\n' }, message: 'newest' });
      },
    });
    const problem = problemOf(await repository.publish(publication, idle()));
    expect(problem).toMatchObject({
      code: 'change-refused',
      message: expect.stringContaining('could not be taken back') as string,
    });
    expect(await project.read(jellyfin)).toBe('newest\n');
  });
});

describe('a change GitLab does not take', () => {
  test('on a protected branch says so in its words, and what to do', async () => {
    const opened = await openForge();
    opened.project.protectBranch('main');
    const { repository } = repositoryOf(opened, clientOf(opened, 'dev'), {});
    const publication = await publicationOf(repository, { files: { [jellyfin]: newer } });
    const problem = problemOf(await repository.publish(publication, idle()));
    expect(problem.code).toBe('change-refused');
    expect(problem.message).toContain('You are not allowed to push into this branch');
    expect(problem.hint).toContain('merge-request');
    expect(await opened.project.log()).toHaveLength(1);
  });

  test('as the token was revoked or is for reading is about the token', async () => {
    const opened = await openForge();
    const publication = await opened.draft({ files: { [jellyfin]: newer } });
    opened.lab.faults.next({
      method: 'POST',
      path: commits,
      reply: {
        status: 403,
        body: { error: 'insufficient_scope', error_description: 'needs higher privileges' },
      },
    });
    expect(problemOf(await opened.repository.publish(publication, idle()))).toMatchObject({
      code: 'forge-refused',
    });
  });

  test('in an environment nobody configured is refused without a question to GitLab', async () => {
    const { repository, draft } = await openForge();
    const publication = await draft({ files: { [jellyfin]: newer } });
    const problem = problemOf(await repository.publish({ ...publication, environment: 'moon' }, idle()));
    expect(problem).toMatchObject({ code: 'configuration-invalid' });
  });
});

test('the token goes to GitLab’s own address only', async () => {
  const opened = await openForge();
  const { repository } = repositoryOf(opened, opened.gitlab, {
    url: 'http://127.0.0.1:9/homelab/services.git',
  });
  const result = await repository.resolve({ environment: 'production' }, idle());
  expect(problemOf(result).code).toBe('repository-unreachable');
});
