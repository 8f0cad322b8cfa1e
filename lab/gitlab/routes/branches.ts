import { commitAt } from '../git/commits.ts';
import { moveBranch, resolve } from '../git/repository.ts';
import { projectRoute, type ProjectCall, type Route } from '../lab.ts';
import { page } from '../paging.ts';
import { required, text } from '../params.ts';
import { created, forbidden, noContent, notFound, ok, refuse, type Reply } from '../reply.ts';
import { showCommit } from '../show/commit.ts';
import { type BranchRule, may } from '../state.ts';

export const branchRoutes: readonly Route[] = [
  projectRoute('GET /repository/branches', 'reporter', async (call) => {
    const search = text(call.params, 'search') ?? '';
    const names = [...call.project.known.keys()].filter((name) => name.includes(search));
    return page(call, await Promise.all(names.map((name) => show(call, name))));
  }),
  projectRoute('GET /repository/branches/:branch', 'reporter', async (call) =>
    ok(await show(call, call.path['branch'] ?? '')),
  ),
  projectRoute('POST /repository/branches', 'developer', (call) => call.project.alone(() => create(call))),
  projectRoute('DELETE /repository/branches/:branch', 'developer', (call) =>
    call.project.alone(() => remove(call)),
  ),
  projectRoute('GET /protected_branches', 'maintainer', (call) =>
    page(
      call,
      [...call.project.protectedBranches.keys()].map((name) => showProtected(call, name)),
    ),
  ),
  projectRoute('GET /protected_branches/:branch', 'maintainer', (call) => {
    const name = call.path['branch'] ?? '';
    if (!call.project.protectedBranches.has(name)) throw notFound('Not found');
    return ok(showProtected(call, name));
  }),
];

async function show({ lab, project, user }: ProjectCall, name: string): Promise<object> {
  const head = project.known.get(name);
  if (head === undefined) throw notFound('Branch');
  return {
    name,
    commit: showCommit(lab, project, await commitAt(project.repository, head)),
    merged: false,
    protected: project.protectedBranches.has(name),
    developers_can_push: project.protectedBranches.get(name)?.push === 'developer',
    developers_can_merge: project.protectedBranches.get(name)?.merge === 'developer',
    can_push: may('push', { user, project, branch: name }),
    default: name === project.defaultBranch,
    web_url: `${lab.url}/${project.path}/-/tree/${encodeURIComponent(name)}`,
  };
}

async function create(call: ProjectCall): Promise<Reply> {
  const { lab, project, user, params } = call;
  const name = required(params, 'branch');
  const ref = required(params, 'ref');
  if (!may('push', { user, project, branch: name })) throw forbidden();
  if (project.known.has(name)) throw refuse(400, 'Branch already exists');
  const to = await resolve(project.repository, ref);
  if (to === null) throw refuse(400, `Invalid reference name: ${ref}`);
  if (!(await moveBranch(project.repository, name, { to, from: null })))
    throw refuse(400, 'Branch name is invalid');
  await lab.notice(project, user);
  return created(await show(call, name));
}

async function remove({ lab, project, user, path }: ProjectCall): Promise<Reply> {
  const name = path['branch'] ?? '';
  if (!project.known.has(name)) throw notFound('Branch');
  if (name === project.defaultBranch) throw refuse(405, 'Default branch cannot be deleted');
  if (project.protectedBranches.has(name)) throw refuse(405, 'Protected branch cannot be deleted');
  await project.repository.git(['update-ref', '-d', `refs/heads/${name}`]);
  await lab.notice(project, user);
  return noContent;
}

function showProtected({ project }: ProjectCall, name: string): object {
  const rule = project.protectedBranches.get(name);
  const level = (role: BranchRule['push'] | undefined): object[] => [
    role === 'nobody'
      ? { access_level: 0, access_level_description: 'No one' }
      : role === 'developer'
        ? { access_level: 30, access_level_description: 'Developers + Maintainers' }
        : { access_level: 40, access_level_description: 'Maintainers' },
  ];
  return {
    ...{ id: [...project.protectedBranches.keys()].indexOf(name) + 1, name, allow_force_push: false },
    push_access_levels: level(rule?.push),
    merge_access_levels: level(rule?.merge),
  };
}
