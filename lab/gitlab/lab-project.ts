import { randomUUID } from 'node:crypto';
import { commitsOf, titleOf } from './git/commits.ts';
import { branchesOf } from './git/repository.ts';
import type { LabUser } from './ci/types.ts';
import type { Lab } from './lab.ts';
import { type PersonPush, pushAs } from './person.ts';
import {
  type BranchRule,
  type GitlabHook,
  type GitlabProject,
  type GitlabUser,
  type GitlabVariable,
  type HookEvent,
  unset,
} from './state.ts';

/** A project as tests and stories handle it. */
export interface LabProject {
  readonly id: number;
  readonly path: string;
  /** The bare repository: what is pushed there directly, GitLab learns by `sync`. */
  readonly directory: string;
  /** For git over HTTP; with a token, as a person with that token clones it. */
  cloneUrl(token?: string): string;
  /** Settings and everything else, readable and settable. */
  readonly state: GitlabProject;
  /** A commit from a person's checkout, past every rule; a pipeline follows. Answers the commit. */
  push(push: PersonPush): Promise<string>;
  /** The first commit: no hook, no pipeline. */
  begin(files: Readonly<Record<string, string>>): Promise<string>;
  /** Notices what was pushed into the folder of the bare repository. */
  sync(by: LabUser): Promise<void>;
  addVariable(variable: NewVariable): GitlabVariable;
  protectBranch(name: string, rule?: Partial<BranchRule>): void;
  addHook(hook: NewHook): GitlabHook;
  /** A file as a branch has it, or undefined. */
  read(path: string, branch?: string): Promise<string | undefined>;
  head(branch?: string): Promise<string>;
  /** `subject — author`, newest first. */
  log(branch?: string): Promise<readonly string[]>;
}
/** All but its name and value as GitLab sets it unless told. */
export type NewVariable = Partial<GitlabVariable> & Pick<GitlabVariable, 'key' | 'value'>;
export interface NewHook {
  readonly url: string;
  readonly token?: string;
  readonly signingToken?: string;
  /** All unless told. */
  readonly events?: readonly HookEvent[];
}

export function faceOf(lab: Lab, project: GitlabProject): LabProject {
  const { id, path, repository } = project;
  const all: readonly HookEvent[] = ['push', 'pipeline', 'job', 'merge_requests'];
  return {
    ...{ id, path, directory: repository.directory, state: project },
    cloneUrl(token) {
      const url = new URL(`${lab.url}/${path}.git`);
      if (token !== undefined) Object.assign(url, { username: 'oauth2', password: token });
      return url.href;
    },
    push: (push) => pushAs(lab, project, push),
    begin: (files) => pushAs({ notice: quietly }, project, { by: owner, files, message: 'feat: begin' }),
    sync: (by) => project.alone(() => lab.notice(project, by)),
    addVariable(variable) {
      const made = { ...unset, ...variable };
      project.variables.push(made);
      return made;
    },
    protectBranch: (name, rule = {}) =>
      void project.protectedBranches.set(name, { push: 'maintainer', merge: 'maintainer', ...rule }),
    addHook({ url, token = null, signingToken = null, events = all }) {
      const on = (event: HookEvent): boolean => events.includes(event);
      const wanted = {
        push: on('push'),
        pipeline: on('pipeline'),
        job: on('job'),
        merge_requests: on('merge_requests'),
      };
      const hook = { id: lab.nextId(), uuid: randomUUID(), url, token, signingToken, events: wanted };
      project.hooks.push(hook);
      return hook;
    },
    async read(file, branch = project.defaultBranch) {
      const bytes = await repository.bytes(['cat-file', 'blob', `${branch}:${file}`]).catch(() => undefined);
      return bytes?.toString('utf8');
    },
    head: (branch = project.defaultBranch) => repository.git(['rev-parse', `refs/heads/${branch}`]),
    async log(branch = project.defaultBranch) {
      const commits = await commitsOf(repository, [branch]);
      return commits.map((commit) => `${titleOf(commit)} — ${commit.author.name}`);
    },
  };
}

async function quietly(project: GitlabProject): Promise<void> {
  project.known = await branchesOf(project.repository);
}
const owner: GitlabUser = {
  ...{ id: 0, username: 'olivia', name: 'Olivia Owner', email: 'olivia@home.example' },
  ...{ role: 'maintainer', projects: {} },
};
