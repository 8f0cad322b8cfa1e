import type { Problem } from '../problems.ts';
import { callSignal } from './calls.ts';
import type { Following } from './following.ts';

interface Reason {
  readonly because: string;
  readonly hint: string;
}

/** No pipeline was created for a commit, with the reason as far as the commit itself tells it. */
export async function pipelineMissing(
  following: Following,
  { commit, branch }: { readonly commit: string; readonly branch: string },
  skipped: boolean,
): Promise<Problem> {
  const otherwise = skipped ? told : rules;
  const { because, hint } = await reasonOf(following, commit, otherwise).catch(() => otherwise);
  return {
    code: 'pipeline-missing',
    message: `No pipeline was created for ${commit.slice(0, 8)} on ${branch}, because ${because}.`,
    hint: `The commit is on ${branch} all the same. ${hint}`,
  };
}

const byHand = 'Start a pipeline in GitLab, or use `/deploy route:engine`.';
const rules: Reason = {
  because:
    'the rules in .gitlab-ci.yml (workflow: rules) leave this commit out, or GitLab runs no pipelines for this project',
  hint: byHand,
};
/** GitLab made one in name only. */
const told: Reason = {
  because: 'GitLab was told to skip it ([skip ci] in the message, or an option of the push)',
  hint: byHand,
};
const marked: Reason = { because: 'its message says [skip ci]', hint: byHand };
const noFile: Reason = {
  because: 'the commit has no .gitlab-ci.yml',
  hint: 'Add one (`sentinel init` writes it), or use `/deploy route:engine`.',
};

async function reasonOf(following: Following, commit: string, otherwise: Reason): Promise<Reason> {
  const { repository } = following.source;
  const signal = callSignal(following);
  const tree = await repository.tree(commit, signal);
  if (!tree.paths.includes('.gitlab-ci.yml')) return noFile;
  const { subject } = await repository.info(commit, signal);
  return /\[(skip ci|ci skip)\]/i.test(subject) ? marked : otherwise;
}
