import type { Reading } from './catalogue.ts';
import type { EngineContext } from './context.ts';
import type { Source } from './ports.ts';
import type { Risk } from './types.ts';

/** Risks a commit brings by itself: it is not on the environment's branch, or it changes `sentinel.yml`. */
export async function gitRisks(
  context: EngineContext,
  {
    source,
    environment,
    reading,
  }: { readonly source: Source; readonly environment: string; readonly reading: Reading },
  signal: AbortSignal,
): Promise<readonly Risk[]> {
  const risks: Risk[] = [];
  if (!reading.onBranch)
    risks.push({
      code: 'off-branch',
      service: '',
      message: `commit ${reading.commit.slice(0, 8)} is not on ${reading.branch}, the branch of ${environment}`,
      alwaysApprove: true,
    });
  if (await inventoryChanged(context, { source, environment, reading }, signal))
    risks.push({
      code: 'inventory-changed',
      service: '',
      message:
        'sentinel.yml changed since the last deployment: somebody who administers Sentinel has to agree',
      alwaysApprove: true,
    });
  return risks;
}

/**
 * Against the last deployment of this repository and environment that succeeded, however long ago. Before the first
 * there is nothing to compare with, and its plan needs the approval of any other. That sentinel.yml can lead nobody's
 * secrets elsewhere does not hang on this: where they may be sent is bound in bot.yml.
 */
async function inventoryChanged(
  { store }: EngineContext,
  {
    source,
    environment,
    reading,
  }: { readonly source: Source; readonly environment: string; readonly reading: Reading },
  signal: AbortSignal,
): Promise<boolean> {
  const last = store.deployments.lastGood(source.repository.name, environment);
  if (last === undefined || last.plan.revision === reading.commit) return false;
  const before = source.load(await source.repository.tree(last.plan.revision, signal), environment);
  return before.fleet.inventory.source !== reading.fleet.inventory.source;
}
