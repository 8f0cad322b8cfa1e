import type { Stage } from '../../ports.ts';
import { ensureDeploy } from './ensure.ts';
import { surveyDeploy } from './survey.ts';

export { acquireHostLocks, type HostLocks, type LockItem } from './host-lock.ts';
export { listReleases, type ReleaseOnHost } from './releases.ts';

/** Files, `.env` and containers of a service on its host; also takes them away. */
export const deploy: Stage<'deploy'> = {
  name: 'deploy',
  onFailure: () => 'unwind',
  survey: surveyDeploy,
  ensure: ensureDeploy,
};
