import type { Problem } from '../../problems.ts';
import type { Result } from '../../types.ts';
import { checked, gitProblem, lastLines } from './git-problem.ts';
import type { Git, GitOutput } from './git.ts';
import type { Mirror } from './mirror.ts';
import { commitId } from './read-tree.ts';
import { isRefName } from './revision.ts';

export interface PushPlace {
  readonly git: Git;
  readonly mirror: Mirror;
  readonly name: string;
}
interface Push {
  readonly commit: string;
  readonly branch: string;
}

/** Fast-forwards a branch of the remote; never creates one and never overwrites somebody's work. */
export async function pushCommit(place: PushPlace, push: Push, signal: AbortSignal): Promise<Result<void>> {
  const { mirror } = place;
  if (!isRefName(push.branch)) return fail(moved(place.name, push, 'is not the name of a branch'));
  const offline = await mirror.fetch(signal);
  if (offline !== null) return fail(offline);
  const tip = await branchTip(place.git, push.branch, signal);
  if (tip === null) return fail(moved(place.name, push, 'does not exist any more'));
  if (await contains(place.git, { ancestor: push.commit, of: tip }, signal))
    return { ok: true, value: undefined };
  const problem = await mirror.alone(() => send(place, push, signal), signal);
  if (problem === null) return { ok: true, value: undefined };
  return fail(problem.code === 'branch-moved' ? await sayWhoMovedIt(place, push, signal) : problem);
}

async function send(
  { git, mirror, name }: PushPlace,
  push: Push,
  signal: AbortSignal,
): Promise<Problem | null> {
  const { commit, branch } = push;
  const ref = `refs/heads/${branch}`;
  const args = [
    'push',
    '--porcelain',
    '--no-follow-tags',
    '--recurse-submodules=no',
    'origin',
    `${commitId(commit)}:${ref}`,
  ];
  const answer = await mirror.ask(args, signal);
  if ('code' in answer) return answer;
  if (answer.exitCode !== 0) return refusal(answer, name, push);
  checked(await git.run(['update-ref', ref, commit], { signal }), 'update-ref');
  checked(await git.run(['update-ref', '-d', `refs/sentinel/${commit}`], { signal }), 'update-ref');
  return null;
}

function refusal(answer: GitOutput, name: string, push: Push): Problem {
  const said = answer.stdout.toString('utf8') + answer.stderr;
  if (
    /\((?:non-fast-forward|fetch first|stale info|incorrect old value)|cannot lock ref|failed to update ref/i.test(
      said,
    )
  )
    return moved(name, push, 'moved');
  const rejected = /\[(?:remote )?rejected\].*\((.*)\)/.exec(said);
  if (rejected === null) return gitProblem(answer, name);
  return {
    code: 'not-allowed',
    message: `The repository ${name} refused the change of ${push.branch}: ${rejected[1] ?? 'no reason given'}.`,
    hint: /checked out/.test(said)
      ? 'Its working copy has this branch checked out: use a bare repository, or set receive.denyCurrentBranch to updateInstead there.'
      : 'Check that the branch is not protected against the key or token used here.',
    evidence: [{ title: 'git push', text: lastLines(answer.stderr) }],
  };
}

async function sayWhoMovedIt(place: PushPlace, push: Push, signal: AbortSignal): Promise<Problem> {
  await place.mirror.fetch(signal);
  const tip = await branchTip(place.git, push.branch, signal);
  if (tip === null) return moved(place.name, push, 'does not exist any more');
  const format = '--format=“%s” by %an (%h)';
  const log = await place.git.run(['log', '-1', '--no-show-signature', format, tip], { signal });
  return moved(place.name, push, `moved to ${log.stdout.toString('utf8').trim()}`);
}

async function branchTip(git: Git, branch: string, signal: AbortSignal): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`];
  const { exitCode, stdout } = await git.run(args, { signal });
  return exitCode === 0 ? stdout.toString('utf8').trim() : null;
}

async function contains(
  git: Git,
  { ancestor, of }: { readonly ancestor: string; readonly of: string },
  signal: AbortSignal,
): Promise<boolean> {
  const { exitCode } = await git.run(['merge-base', '--is-ancestor', commitId(ancestor), of], { signal });
  return exitCode === 0;
}

function moved(name: string, { branch }: Push, what: string): Problem {
  return {
    code: 'branch-moved',
    message: `The branch ${branch} of ${name} ${what} while the change was made.`,
    hint: 'Ask again: the plan is then made for what the branch holds now.',
  };
}

function fail(problem: Problem): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: [problem] };
}
