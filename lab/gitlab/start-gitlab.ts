import { join } from 'node:path';
import { type Accounts, createAccounts } from './accounts.ts';
import { startCi } from './ci/start-ci.ts';
import type { Ci, CiOptions } from './ci/types.ts';
import { faceOf, type LabProject } from './lab-project.ts';
import type { Lab } from './lab.ts';
import { mergeWhenGreen } from './merge.ts';
import { makeProject, type NewProject } from './projects.ts';
import { createPushes } from './pushes.ts';
import { jobBody, mergeRequestBody, pipelineBody, pushBody } from './show/hook-bodies.ts';
import type { GitlabGroup, GitlabProject } from './state.ts';
import { startWeb, type Web } from './web.ts';
import { createWebhooks, type Webhooks } from './webhooks.ts';

export interface GitlabOptions {
  /** An empty folder for the bare repositories. */
  readonly directory: string;
  /** Runs the pipelines of a project: for real unless told. */
  readonly ci?: (options: CiOptions) => Promise<Ci>;
  /** Added to the PATH of jobs. */
  readonly path?: readonly string[];
  /** Jobs of one project at the same time. */
  readonly concurrency?: number;
  /** How long mergeability stays `checking`. */
  readonly checkingMs?: number;
  /** Between two tries of a webhook. */
  readonly retryMs?: number;
}
/** GitLab on loopback: its REST API, git over HTTP and webhooks, over real bare repositories. */
export interface GitlabLab extends Pick<
  Accounts,
  'addUser' | 'addToken' | 'expire' | 'revoke' | 'userNamed' | 'users'
> {
  readonly url: string;
  readonly times: Lab['times'];
  readonly groups: readonly GitlabGroup[];
  readonly projects: readonly LabProject[];
  readonly webhooks: Pick<Webhooks, 'deliveries' | 'faults' | 'redeliver' | 'settled'>;
  readonly faults: Pick<Web['faults'], 'next' | 'pending' | 'clear'>;
  /** What was asked and answered, oldest first. */
  readonly exchanges: Web['exchanges'];
  /** Its groups are made as needed; `files` are its first commit, which starts no pipeline. */
  createProject(project: NewProject): Promise<LabProject>;
  /** Nothing listens any more; pipelines go on. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Complains about faults nobody ran into, and about requests GitLab has no answer for. */
  close(): Promise<void>;
}

export async function startGitlab(options: GitlabOptions): Promise<GitlabLab> {
  const root = join(options.directory, 'repositories');
  let ids = 0;
  const nextId = (): number => (ids += 1);
  const accounts = createAccounts(nextId);
  const groups: GitlabGroup[] = [];
  const projects: GitlabProject[] = [];
  const faces: LabProject[] = [];
  const times = { checkingMs: options.checkingMs ?? 30 };
  const address = { url: '' };
  const webhooks = createWebhooks({ url: () => address.url, retryMs: options.retryMs ?? 50 });
  const announce: Lab['announce'] = (project, change) =>
    webhooks.send(project, 'merge_requests', () => mergeRequestBody(address, project, change));
  const pushes = createPushes(
    (project, push, by) => webhooks.send(project, 'push', () => pushBody(address, project, { push, by })),
    announce,
  );
  const lab: Lab = {
    ...{ users: accounts.users, tokens: accounts.tokens, projects, groups, times, nextId, announce },
    notice: pushes.notice,
    get url() {
      return address.url;
    },
  };
  const web = await startWeb(lab, root);
  address.url = `http://127.0.0.1:${web.port}`;
  const { path = [], concurrency = 2, ci = startCi } = options;
  const parts = { ...{ root, nextId, ci, path, concurrency, groups, projects }, url: () => address.url };

  return {
    url: address.url,
    ...{ times, groups, projects: faces, webhooks, faults: web.faults, exchanges: web.exchanges },
    ...{ users: accounts.users, down: web.down, up: web.up },
    addUser: accounts.addUser,
    addToken: accounts.addToken,
    expire: accounts.expire,
    revoke: accounts.revoke,
    userNamed: accounts.userNamed,
    async createProject(wanted) {
      const project = await makeProject(parts, wanted);
      projects.push(project);
      follow(project, { lab, webhooks });
      const face = faceOf(lab, project);
      faces.push(face);
      if (wanted.files !== undefined) await face.begin(wanted.files);
      return face;
    },
    async close() {
      await Promise.all(projects.map((project) => project.alone(() => pushes.close())));
      await Promise.all(projects.map((project) => project.ci.close()));
      await webhooks.close();
      await web.down();
      const unused = [...web.faults.unused(), ...webhooks.faults.unused()];
      const wrong = [
        ...unused.map((each) => `nobody ran into the fault ${each}`),
        ...web.strays.map((each) => `GitLab does not know ${each}`),
      ];
      if (wrong.length > 0) throw new Error(`GitLab was not asked as expected: ${wrong.join(', ')}`);
    },
  };
}

/** What happens when a pipeline or a job changes. */
function follow(
  project: GitlabProject,
  { lab, webhooks }: { readonly lab: Lab; readonly webhooks: Webhooks },
): void {
  project.ci.onChange(({ pipeline, job }) => {
    project.touched.set(pipeline.id, new Date().toISOString());
    if (job === null) webhooks.send(project, 'pipeline', () => pipelineBody(lab, project, pipeline));
    else webhooks.send(project, 'job', () => jobBody(lab, project, { pipeline, job }));
    if (job === null && pipeline.status === 'success') void mergeWhenGreen(lab, project, pipeline.commit);
  });
}
