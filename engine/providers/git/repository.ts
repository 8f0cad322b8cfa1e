import { join, resolve as absolute } from 'node:path';
import type { CommitInfo, Log, Repository, Tree } from '../../ports.ts';
import { ProblemError, type Problem } from '../../problems.ts';
import type { Result } from '../../types.ts';
import { writeDraft, type Committer } from './draft.ts';
import { checked } from './git-problem.ts';
import { createGit, type Environment, type Git } from './git.ts';
import { createMirror, type Mirror } from './mirror.ts';
import { pushCommit } from './push.ts';
import { commitId, commitMissing, readDiff, readTree } from './read-tree.ts';
import { remoteConfig, sshCommand, type Credential, type SshAccess } from './remote.ts';
import { isFullId, lookUp } from './revision.ts';

export interface GitRepositoryOptions {
  readonly name: string;
  /** A path, `file://`, `https://` or SSH address. */
  readonly url: string;
  /** Where the bare copy lives; one directory for each repository. */
  readonly mirrorDirectory: string;
  readonly environments: Readonly<Record<string, { readonly branch: string }>>;
  readonly defaultEnvironment: string;
  readonly log: Log;
  readonly committer: Committer;
  readonly ssh?: SshAccess;
  /** For HTTPS; wins over a login written in the address. */
  readonly credential?: Credential;
  /** For HTTPS: file with the authority (PEM) its certificate is from, where it is no public one. */
  readonly caFile?: string;
  /** How long the remote may take to answer. */
  readonly timeoutMs?: number;
  /** Leaves history and tags where they are: for who only reads the tips of branches. */
  readonly onlyTips?: boolean;
  /** What git inherits; everything in it called `GIT_*` is dropped. */
  readonly env: Environment;
}

const keptTrees = 8;

/** Any Git remote, through a bare copy on our own disk and the git command line. */
export function createGitRepository(options: GitRepositoryOptions): Repository {
  const { name, url, environments, defaultEnvironment, log, committer, ssh = {}, env } = options;
  const directory = absolute(options.mirrorDirectory);
  const address = isLocal(url) ? absolute(url) : url;
  const git = createGit({ place: [`--git-dir=${directory}`], sshCommand: sshCommand(ssh), env });
  const mirror = createMirror({
    git,
    directory,
    name,
    log,
    timeoutMs: options.timeoutMs ?? 60_000,
    onlyTips: options.onlyTips ?? false,
    remote: () => remoteConfig(address, options),
  });
  const trees = new Map<string, Tree>();

  return {
    name,
    async resolve({ revision, environment, lastSeen = false }, signal) {
      const branch = environments[environment === '' ? defaultEnvironment : environment]?.branch;
      if (branch === undefined) return fail(environmentUnknown(name, environment, Object.keys(environments)));
      const wanted = revision === undefined || revision === '' || revision === 'HEAD' ? branch : revision;
      const offline = await mirror.fetch(signal);
      if (offline !== null && !isFullId(wanted) && !(lastSeen && wanted === branch))
        return fail(await whatStillWorks(offline, { git, mirror, branch }, signal));
      const commit = await lookUp(git, wanted, signal);
      if (!commit.ok) return offline === null ? commit : fail(offline);
      const onBranch = await isAncestor(git, { commit: commit.value, branch }, signal);
      const seen = { commit: commit.value, branch, onBranch };
      return { ok: true, value: offline === null ? seen : { ...seen, offline: true } };
    },
    async tree(commit, signal) {
      await mirror.ready(signal);
      const tree = trees.get(commitId(commit)) ?? (await readTree(git, commit, signal));
      trees.delete(commit); // the youngest entry goes last
      trees.set(commit, tree);
      for (const oldest of [...trees.keys()].slice(0, -keptTrees)) trees.delete(oldest);
      return tree;
    },
    async info(commit, signal) {
      await mirror.ready(signal);
      return readInfo(git, commit, signal);
    },
    async diff(base, head, signal) {
      await mirror.ready(signal);
      return readDiff(git, { base, head }, signal);
    },
    async commit(draft, signal) {
      await mirror.ready(signal);
      return asResult(() => writeDraft({ git, directory, committer }, draft, signal));
    },
    async publish({ draft: { commit, branch } }, signal) {
      await mirror.ready(signal);
      const pushed = await pushCommit({ git, mirror, name }, { commit, branch }, signal);
      return pushed.ok ? { ok: true, value: { commit, url: null } } : pushed;
    },
    offer: () => Promise.resolve({ ok: true, value: null }),
    withdraw: () => Promise.resolve({ ok: true, value: undefined }),
  };
}

/** The name, time and first line of a commit. */
export async function readInfo(git: Git, commit: string, signal: AbortSignal): Promise<CommitInfo> {
  const format = '--format=%H%x00%an%x00%aI%x00%s';
  const output = await git.run(['log', '-1', '--no-show-signature', format, commitId(commit)], { signal });
  if (output.exitCode !== 0) throw commitMissing(commit);
  const [id = '', author = '', at = '', subject = ''] = checked(output, 'log').trimEnd().split('\0');
  return { id, author, at, subject };
}

async function isAncestor(
  git: Git,
  { commit, branch }: { readonly commit: string; readonly branch: string },
  signal: AbortSignal,
): Promise<boolean> {
  const output = await git.run(['merge-base', '--is-ancestor', commit, `refs/heads/${branch}`], { signal });
  return output.exitCode === 0;
}

/** Offline is not the end: what was fetched before can still be deployed by its full id. */
async function whatStillWorks(
  problem: Problem,
  { git, mirror, branch }: { readonly git: Git; readonly mirror: Mirror; readonly branch: string },
  signal: AbortSignal,
): Promise<Problem> {
  const tip = await git.run(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`], {
    signal,
  });
  if (tip.exitCode !== 0) return problem;
  const at = mirror.fetchedAt();
  const minute = at?.toISOString().slice(0, 16).replace('T', ' ');
  const seen = minute === undefined ? 'before the last restart' : `at ${minute} UTC`;
  const works = `Commits fetched ${seen} can still be deployed by full id; ${branch} was at ${tip.stdout.toString('utf8').trim()}. Rolling back works too.`;
  return { ...problem, hint: problem.hint === undefined ? works : `${problem.hint} ${works}` };
}

function environmentUnknown(name: string, environment: string, known: readonly string[]): Problem {
  return {
    code: 'configuration-invalid',
    message: `The repository ${name} has no environment “${environment}”.`,
    hint: `It has: ${known.join(', ')}.`,
  };
}

async function asResult<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof ProblemError) return fail(error.problem);
    throw error;
  }
}

function fail(problem: Problem): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: [problem] };
}

/** A path may be given relative to where the program runs; git would read it relative to the mirror. */
function isLocal(url: string): boolean {
  return !url.includes('://') && !/^[^/]+:/.test(url);
}

/** The mirror's place below the state folder. */
export function mirrorDirectory(stateFolder: string, repository: string): string {
  return join(stateFolder, 'mirrors', `${repository.replace(/[^\w.-]+/g, '_')}.git`);
}
