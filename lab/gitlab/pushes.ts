import type { LabUser } from './ci/types.ts';
import { branchesOf, zeros } from './git/repository.ts';
import type { Lab } from './lab.ts';
import type { GitlabProject, MergeRequest } from './state.ts';

export interface Push {
  readonly branch: string;
  readonly before: string;
  readonly after: string;
}
/** What follows from a push, and what can be waited for. */
export interface Pushes {
  readonly notice: Lab['notice'];
  /** Drops pipelines that have yet to appear. */
  close(): Promise<void>;
}

export function createPushes(
  tell: (project: GitlabProject, push: Push, by: LabUser) => void,
  announce: Lab['announce'],
): Pushes {
  const waiting = new Set<NodeJS.Timeout>();
  const starting = new Set<Promise<unknown>>();
  const pipeline = (project: GitlabProject, { branch, before, after }: Push, by: LabUser): void => {
    const start = async (): Promise<void> => {
      const message = await project.repository.git(['log', '-1', '--format=%B', after]);
      await project.ci.start({
        ...{ commit: after, before, branch, source: 'push', by, variables: {}, message },
      });
    };
    if (project.pipelineDelay === 'never') return;
    const timer = setTimeout(() => {
      waiting.delete(timer);
      const started = start().finally(() => starting.delete(started));
      starting.add(started);
    }, project.pipelineDelay);
    waiting.add(timer);
  };
  return {
    async notice(project, by) {
      const now = await branchesOf(project.repository);
      const pushes = changes(project.known, now);
      project.known = now;
      for (const push of pushes) {
        tell(project, push, by);
        const moved = project.mergeRequests.filter(({ state }) => state === 'opened');
        for (const request of moved) refresh(request, push, () => announcePush(project, request, push, by));
        if (push.after !== zeros) pipeline(project, push, by);
      }
    },
    async close() {
      for (const timer of waiting) clearTimeout(timer);
      await Promise.allSettled(starting);
    },
  };

  function announcePush(project: GitlabProject, request: MergeRequest, { before }: Push, by: LabUser): void {
    announce(project, { request, action: 'update', by, oldHead: before });
  }
}

function changes(old: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): readonly Push[] {
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((branch) => {
    const [before, after] = [old.get(branch) ?? zeros, now.get(branch) ?? zeros];
    return before === after ? [] : [{ branch, before, after }];
  });
}

/** A push cancels an armed auto-merge and takes approvals back; either branch makes the answer unknown again. */
function refresh(request: MergeRequest, { branch, after }: Push, announce: () => void): void {
  if (branch === request.target) request.check = 'unchecked';
  if (branch !== request.source || after === zeros) return;
  request.sha = after;
  request.check = 'unchecked';
  request.autoMerge = null;
  request.approvals = [];
  request.updatedAt = new Date().toISOString();
  announce();
}
