import { commitAt, commitsOf, statsOf } from '../git/commits.ts';
import { resolve } from '../git/repository.ts';
import { projectRoute, type ProjectCall, type Route } from '../lab.ts';
import { page } from '../paging.ts';
import { required, text } from '../params.ts';
import { notFound, ok, type Reply } from '../reply.ts';
import { showCommit } from '../show/commit.ts';
import { showPipelineBasic } from '../show/pipeline.ts';
import type { GitlabProject } from '../state.ts';

/** Commits that were made, and what is different between two. */
export const historyRoutes: readonly Route[] = [
  projectRoute('GET /repository/commits', 'reporter', commits),
  projectRoute('GET /repository/commits/:sha', 'reporter', oneCommit),
  projectRoute('GET /repository/commits/:sha/diff', 'reporter', async (call) => {
    const sha = await resolve(call.project.repository, call.path['sha'] ?? '');
    if (sha === null) throw notFound('Commit');
    return page(call, await diffs(call.project, ['show', '--format=', '--first-parent', sha]));
  }),
  projectRoute('GET /repository/compare', 'reporter', compare),
];

async function commits(call: ProjectCall): Promise<Reply> {
  const { lab, project, params } = call;
  const range = text(params, 'ref_name') ?? project.defaultBranch;
  const tips = range.split('..');
  const resolved = await Promise.all(tips.map((tip) => resolve(project.repository, tip)));
  if (resolved.includes(null)) throw notFound('Commit');
  const path = text(params, 'path');
  const [since, until] = [text(params, 'since'), text(params, 'until')];
  const found = await commitsOf(project.repository, [
    resolved.join('..'),
    ...(since === undefined ? [] : [`--since=${since}`]),
    ...(until === undefined ? [] : [`--until=${until}`]),
    ...(path === undefined ? [] : ['--', path]),
  ]);
  return page(
    call,
    found.map((each) => showCommit(lab, project, each)),
    { uncounted: true },
  );
}

async function oneCommit({ lab, project, path }: ProjectCall): Promise<Reply> {
  const sha = await resolve(project.repository, path['sha'] ?? '');
  if (sha === null) throw notFound('Commit');
  const { additions, deletions } = await statsOf(project.repository, sha);
  const [last] = project.ci.pipelines().filter(({ commit }) => commit === sha);
  return ok({
    ...showCommit(lab, project, await commitAt(project.repository, sha)),
    stats: { additions, deletions, total: additions + deletions },
    status: last?.status ?? null,
    project_id: project.id,
    last_pipeline: last === undefined ? null : showPipelineBasic(lab, project, last),
  });
}

async function compare({ lab, project, params }: ProjectCall): Promise<Reply> {
  const [from, to] = await Promise.all(
    ['from', 'to'].map((key) => resolve(project.repository, required(params, key))),
  );
  if (from === null || from === undefined || to === null || to === undefined) throw notFound('Ref');
  const dots = text(params, 'straight') === 'true' ? '..' : '...';
  const found = await commitsOf(project.repository, [`${from}..${to}`]);
  return ok({
    commit: found[0] === undefined ? null : showCommit(lab, project, found[0]),
    commits: found.toReversed().map((each) => showCommit(lab, project, each)),
    diffs: await diffs(project, ['diff', `${from}${dots}${to}`]),
    compare_timeout: false,
    compare_same_ref: from === to,
    web_url: `${lab.url}/${project.path}/-/compare/${from}...${to}`,
  });
}

/** What a `git diff` or `git show` says, one entry a file. */
export async function diffs(project: GitlabProject, args: readonly string[]): Promise<readonly object[]> {
  const text = (await project.repository.ask([...args, '--find-renames'])) ?? '';
  return text.split(/^(?=diff --git )/m).flatMap((part) => {
    const paths = /^diff --git a\/(.+) b\/(.+)$/m.exec(part);
    if (paths === null) return [];
    return {
      old_path: paths[1],
      new_path: paths[2],
      a_mode: /^old mode (\d+)$|^deleted file mode (\d+)$/m.exec(part)?.slice(1).find(Boolean) ?? '100644',
      b_mode: /^new mode (\d+)$|^new file mode (\d+)$/m.exec(part)?.slice(1).find(Boolean) ?? '100644',
      new_file: /^new file mode/m.test(part),
      renamed_file: /^rename from/m.test(part),
      deleted_file: /^deleted file mode/m.test(part),
      diff: /^@@[\s\S]*/m.exec(part)?.[0] ?? '',
    };
  });
}
