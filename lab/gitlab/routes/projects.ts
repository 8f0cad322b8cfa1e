import { projectRoute, type Call, type Route, route } from '../lab.ts';
import { page } from '../paging.ts';
import { flag, text } from '../params.ts';
import { notFound, ok } from '../reply.ts';
import { showProject } from '../show/project.ts';
import { groupOf, nameOf, showUser } from '../show/people.ts';
import { atLeast, type GitlabGroup, type GitlabProject, type Role, roleIn } from '../state.ts';

const levels: Readonly<Record<Role, number>> = {
  none: 0,
  guest: 10,
  reporter: 20,
  developer: 30,
  maintainer: 40,
};

/** Projects, groups, and who is asking. */
export const projectRoutes: readonly Route[] = [
  route('GET /user', ({ lab, user }) =>
    ok({
      ...showUser(lab, user),
      email: user.email,
      public_email: null,
      bot: false,
      can_create_project: false,
    }),
  ),
  route('GET /users', (call) => {
    const wanted = text(call.params, 'username');
    const found = call.lab.users.filter(({ username }) => wanted === undefined || username === wanted);
    return page(
      call,
      found.map((each) => showUser(call.lab, each)),
    );
  }),
  route('GET /personal_access_tokens/self', ({ token: { user, scopes, expiresAt } }) =>
    ok({
      ...{ id: user.id, name: 'sentinel', revoked: false, active: true, user_id: user.id },
      ...{ created_at: '2026-01-01T00:00:00.000Z', scopes, expires_at: expiresAt },
    }),
  ),
  route('GET /metadata', () => ok({ version: '18.5.0-ee', revision: '1a2b3c4d5e6', enterprise: true })),
  route('GET /version', () => ok({ version: '18.5.0-ee', revision: '1a2b3c4d5e6' })),
  route('GET /projects', (call) => {
    const search = text(call.params, 'search') ?? '';
    const seen = visible(call).filter((project) => nameOf(project).includes(search));
    return page(
      call,
      seen.toReversed().map((project) => showProject(call.lab, project)),
    );
  }),
  projectRoute('GET /', 'guest', ({ lab, project, user }) =>
    ok({
      ...showProject(lab, project),
      permissions: { project_access: { access_level: levels[roleIn(user, project)] }, group_access: null },
    }),
  ),
  route('GET /groups/:group', (call) => {
    const { id, path } = groupFor(call);
    return ok({
      id,
      name: nameOf({ path }),
      path: nameOf({ path }),
      full_path: path,
      web_url: `${call.lab.url}/groups/${path}`,
    });
  }),
  route('GET /groups/:group/projects', (call) => {
    const group = groupFor(call);
    const deep = flag(call.params, 'include_subgroups') === true;
    const inside = visible(call).filter((project) =>
      deep ? project.path.startsWith(`${group.path}/`) : groupOf(project) === group.path,
    );
    return page(
      call,
      inside.map((project) => showProject(call.lab, project)),
    );
  }),
];

function visible({ lab, user }: Call): readonly GitlabProject[] {
  return lab.projects.filter((project) => atLeast(roleIn(user, project), 'guest'));
}

/** By number or full path; a group without a project one may see is not there. */
export function groupFor(call: Call): GitlabGroup {
  const wanted = call.path['group'] ?? '';
  const group = call.lab.groups.find(({ id, path }) => String(id) === wanted || path === wanted);
  const seen = visible(call).some(({ path }) => group !== undefined && path.startsWith(`${group.path}/`));
  if (group === undefined || !(seen || call.user.role !== 'none')) throw notFound('Group');
  return group;
}
