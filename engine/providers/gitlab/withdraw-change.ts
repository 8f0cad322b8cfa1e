import type { Result } from '../../types.ts';
import { ProblemError } from '../../problems.ts';
import { oneLine } from '../../notify/one-line.ts';
import type { ChangePlace } from './change-place.ts';
import { findMergeRequest, sourceBranch } from './merge-request.ts';
import { GitlabRefusal } from './refusal.ts';

export interface Withdrawal {
  readonly request: string;
  readonly because: string;
}

/** Closes the merge request of a request with the reason and deletes its branch; what is merged stays. */
export async function withdrawChange(
  place: ChangePlace,
  { withdrawal, target }: { readonly withdrawal: Withdrawal; readonly target: string },
  signal: AbortSignal,
): Promise<Result<void>> {
  const { gitlab, project } = place;
  const source = sourceBranch(withdrawal.request);
  const found = await findMergeRequest(place, { source, target }, signal);
  const api = gitlab.api(signal);
  if (found?.state === 'opened') {
    await tell(place, { iid: found.iid, because: withdrawal.because }, signal);
    await api.mergeRequests.edit(project, found.iid, { stateEvent: 'close' });
  }
  try {
    await api.branches.remove(project, source);
  } catch (error) {
    // gone already
    if (!(error instanceof GitlabRefusal && error.status === 404)) throw error;
  }
  return { ok: true, value: undefined };
}

/** A reason that could not be written down is no reason to leave it open. */
async function tell(
  { gitlab, project }: ChangePlace,
  { iid, because }: { readonly iid: number; readonly because: string },
  signal: AbortSignal,
): Promise<void> {
  try {
    await gitlab.api(signal).mergeRequestNotes.create(project, iid, `Withdrawn: ${plain(because)}`);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    gitlab.log.warn({ mergeRequest: iid, problem: error.problem }, 'the reason was not written down');
  }
}

/** Words of a person: they must call nobody in GitLab, and mean only what they say. */
function plain(text: string): string {
  return oneLine(text).replace(/[@`*_[\]<>!#~$%]/g, (mark) => (mark === '@' ? '@\u200b' : `\\${mark}`));
}
