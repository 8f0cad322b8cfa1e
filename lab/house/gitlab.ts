import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startCi } from '../gitlab/ci/start-ci.ts';
import type { CiOptions } from '../gitlab/ci/types.ts';
import { startGitlab, type GitlabLab } from '../gitlab/start-gitlab.ts';
import type { LabProject } from '../gitlab/lab-project.ts';
import type { GitlabUser } from '../gitlab/state.ts';
import { projectFile } from '../project-file.ts';
import type { ServicesRepository } from './services-repository.ts';

export interface HouseGitlabOptions {
  /** An empty folder. */
  readonly directory: string;
  readonly route?: 'engine' | 'pipeline';
  readonly changes?: 'commit' | 'merge-request';
  /** Lines of the repository's entry in bot.yml, from `environments:` on, indented by four spaces. */
  readonly environments?: string;
  /** How long the bot looks for the pipeline of a commit; default `10s`. */
  readonly appear?: string;
  /** The program jobs call `sentinel`; default: the built one. */
  readonly program?: string;
  /** Runs jobs; for stories that need other settings. */
  readonly ci?: (options: CiOptions) => ReturnType<typeof startCi>;
}

/** GitLab with the services' project in it, where the bot and the people of the house have accounts. */
export interface HouseGitlab {
  readonly lab: GitlabLab;
  readonly project: LabProject;
  readonly services: ServicesRepository;
  readonly olivia: GitlabUser;
  /** The account of ana, who asks in Discord. */
  readonly ana: GitlabUser;
  /** The bot's account and its token. */
  readonly bot: GitlabUser;
  readonly token: string;
  /** What GitLab sends with every post, and signs it with. */
  readonly webhook: { readonly token: string; readonly port: number };
  /** Lines of bot.yml: the repository, the server, its people. */
  readonly botLines: (people: { readonly ana: string }) => {
    readonly repository: string;
    readonly server: string;
  };
  close(): Promise<void>;
}

/** Starts GitLab with one fleet project and lets it tell the bot of everything that happens. */
export async function createHouseGitlab(options: HouseGitlabOptions): Promise<HouseGitlab> {
  const { directory, route = 'pipeline', changes = 'commit', ci = startCi } = options;
  const bin = join(directory, 'bin');
  await writeProgram(bin, options.program ?? projectFile('dist/bot/cli.js'));
  const lab = await startGitlab({ directory, ci, path: [bin, ...nodePath()] });
  const olivia = lab.addUser({ username: 'olivia', name: 'Olivia Owner', role: 'maintainer' });
  const ana = lab.addUser({ username: 'ana.gl', name: 'Ana Alvarez' });
  const bot = lab.addUser({ username: 'sentinel', name: 'Sentinel', role: 'maintainer' });
  const token = lab.addToken('sentinel');
  const project = await lab.createProject({ path: 'homelab/services' });
  const port = await freePort();
  const secret = 'hook-t0ken-0f-the-house';
  project.addHook({ url: `http://127.0.0.1:${port}/hooks/gitlab`, token: secret });
  return {
    ...{ lab, project, olivia, ana, bot, token },
    webhook: { token: secret, port },
    services: servicesIn(project, olivia),
    botLines: (people) => ({
      repository: [
        '  - name: homelab',
        `    project: ${project.path}`,
        '    layout: fleet',
        `    route: ${route}`,
        `    changes: ${changes}`,
        ...(options.environments === undefined ? [] : [options.environments]),
      ].join('\n'),
      server: [
        'gitlab:',
        `  url: ${lab.url}`,
        '  webhook: { token: GITLAB_WEBHOOK_TOKEN }',
        '  look: 1s',
        `  appear: ${options.appear ?? '10s'}`,
        'people:',
        `  - { discord: "${people.ana}", gitlab: ${ana.username}, name: ${ana.name}, email: ${ana.email} }`,
      ].join('\n'),
    }),
    close: () => lab.close(),
  };
}

/** The project as its owner works with it. */
function servicesIn(project: LabProject, owner: GitlabUser): ServicesRepository {
  return {
    url: project.directory,
    async commit(files, message) {
      return project.push({ by: owner, files, message });
    },
    branch: (branch, files) => project.push({ by: owner, files, branch, message: `feat: ${branch}` }),
    read: (path, branch) => project.read(path, branch),
    head: (branch) => project.head(branch),
    log: (branch) => project.log(branch),
  };
}

/** Puts a command `sentinel` into a folder for the PATH of jobs. */
export async function writeProgram(bin: string, program: string): Promise<void> {
  await mkdir(bin, { recursive: true });
  const file = join(bin, 'sentinel');
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  await chmod(file, 0o755);
}

/** Jobs call `node` too, wherever this one is. */
export const nodePath = (): readonly string[] => [join(process.execPath, '..')];

/** A port for the bot's hooks that stays the same when it is started again. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port is free');
  return address.port;
}
