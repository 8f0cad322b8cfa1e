import type { LabUser } from '../ci/types.ts';
import type { Lab } from '../lab.ts';
import type { GitlabProject } from '../state.ts';

/** How a person appears wherever one is mentioned. */
export const showUser = (lab: Pick<Lab, 'url'>, { id, username, name }: LabUser): object => ({
  ...{ id, username, name, state: 'active', locked: false, avatar_url: null },
  web_url: `${lab.url}/${username}`,
});
export const webUrl = (lab: Pick<Lab, 'url'>, project: Pick<GitlabProject, 'path'>): string =>
  `${lab.url}/${project.path}`;
export const nameOf = ({ path }: { readonly path: string }): string => path.split('/').at(-1) ?? path;
export const groupOf = ({ path }: { readonly path: string }): string =>
  path.split('/').slice(0, -1).join('/');
