import type { MergeRequest } from './merge-request.ts';

/** What GitLab's word on a merge request means for us. */
export type Verdict =
  | { readonly kind: 'ready' }
  /** It may change by itself; `why` is told when it does not. */
  | { readonly kind: 'wait'; readonly why: string }
  /** The target branch is not what the plan was made for. */
  | { readonly kind: 'moved'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string };

const verdicts: Readonly<Record<string, Verdict>> = {
  mergeable: { kind: 'ready' },
  '': { kind: 'wait', why: 'GitLab has not looked yet whether it can be merged' },
  preparing: { kind: 'wait', why: 'GitLab still prepares it' },
  unchecked: { kind: 'wait', why: 'GitLab has not looked yet whether it can be merged' },
  checking: { kind: 'wait', why: 'GitLab still looks whether it can be merged' },
  approvals_syncing: { kind: 'wait', why: 'GitLab still counts its approvals' },
  ci_still_running: { kind: 'wait', why: 'its pipeline has not ended' },
  conflict: { kind: 'moved', why: 'has changes that do not fit together with this one' },
  need_rebase: { kind: 'moved', why: 'has newer commits' },
  broken_status: { kind: 'moved', why: 'has changes that do not fit together with this one' },
  ci_must_pass: { kind: 'wait', why: 'its pipeline has not succeeded' },
  not_approved: { kind: 'refused', why: 'the project asks for approvals in GitLab that are missing' },
  requested_changes: { kind: 'refused', why: 'a reviewer asks for changes' },
  discussions_not_resolved: { kind: 'refused', why: 'not every discussion in it is resolved' },
  draft_status: { kind: 'refused', why: 'it is marked as a draft' },
  merge_request_blocked: { kind: 'refused', why: 'another merge request has to be merged first' },
  blocked_status: { kind: 'refused', why: 'another merge request has to be merged first' },
  jira_association_missing: { kind: 'refused', why: 'its title or description names no Jira issue' },
  status_checks_must_pass: { kind: 'refused', why: 'a status check outside GitLab has not passed' },
  external_status_checks: { kind: 'refused', why: 'a status check outside GitLab has not passed' },
  security_policy_violations: { kind: 'refused', why: 'a security policy forbids it' },
  policies_denied: { kind: 'refused', why: 'a policy forbids it' },
  locked_paths: { kind: 'refused', why: 'somebody locked a file it changes' },
  locked_lfs_files: { kind: 'refused', why: 'somebody locked a file it changes' },
  title_regex: { kind: 'refused', why: 'its title is not as the project wants titles' },
  commits_status: { kind: 'refused', why: 'its branch is gone or has no commit' },
  merge_time: { kind: 'refused', why: 'it may only be merged at a later time' },
  not_open: { kind: 'refused', why: 'it is not open' },
};

export function verdictOn({ status, pipeline }: MergeRequest): Verdict {
  if (status === 'ci_must_pass' && ['failed', 'canceled', 'skipped'].includes(pipeline))
    return { kind: 'refused', why: `its pipeline is ${pipeline}` };
  return verdicts[status] ?? { kind: 'refused', why: `GitLab says “${status}”` };
}
