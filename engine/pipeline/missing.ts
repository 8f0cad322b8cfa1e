import type { Problem } from '../problems.ts';
import type { Source } from '../ports.ts';
import { callSignal } from './calls.ts';
import type { Following } from './following.ts';

/** No pipeline was created for a commit, with the reason as far as the commit itself tells it. */
export async function pipelineMissing(
  following: Following,
  { commit, branch }: { readonly commit: string; readonly branch: string },
): Promise<Problem> {
  const reason = await reasonOf(following.source, commit, callSignal(following)).catch(() => likely);
  return {
    code: 'pipeline-missing',
    message: `No pipeline was created for ${commit.slice(0, 8)} on ${branch}, because ${reason}.`,
    hint: 'The commit is there and nothing was deployed. Start a pipeline in GitLab, or /deploy by the route “engine”.',
  };
}

const likely =
  'the rules in .gitlab-ci.yml (workflow: rules) leave this commit out, or GitLab runs no pipelines for this project';

async function reasonOf({ repository }: Source, commit: string, signal: AbortSignal): Promise<string> {
  const tree = await repository.tree(commit, signal);
  if (!tree.paths.includes('.gitlab-ci.yml')) return 'the commit has no .gitlab-ci.yml';
  const { subject } = await repository.info(commit, signal);
  return /\[(skip ci|ci skip)\]/i.test(subject) ? 'its message says [skip ci]' : likely;
}
