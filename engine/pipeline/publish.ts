import type { EngineContext } from '../context.ts';
import type { Published } from '../ports.ts';
import { toProblem, type Problem } from '../problems.ts';
import { publicationOf } from '../publication.ts';
import { redactProblem } from '../redact-problem.ts';
import type { Draft, Proposal, Result } from '../types.ts';
import { callSignal } from './calls.ts';
import { isDetached, type Ending, type Following } from './following.ts';
import { lookUpPublished } from './look-up-published.ts';
import { withdrawOffer } from './withdraw-offer.ts';

/** Puts the request's commit on its branch, so that a pipeline begins. Answers the commit that is there now. */
export async function publishForPipeline(
  context: EngineContext,
  following: Following,
  { proposal, draft }: { readonly proposal: Proposal; readonly draft: Draft },
): Promise<string | Ending> {
  const { story, abort, detached, source } = following;
  const told = { type: 'git', branch: draft.branch } as const;
  story.tell({ ...told, action: 'pushing', commit: draft.commit, problem: null });
  const published = await attempt(async () => {
    const signal = AbortSignal.any([abort.signal, detached.signal]);
    signal.throwIfAborted();
    return source.repository.publish(publicationOf(proposal, { draft, skipPipeline: false }), signal);
  });
  if (published.ok) return pushed(following, draft, published.value);
  if (isDetached(following)) return { kind: 'detached' };
  const arrived = await lookUp(following, draft);
  if (isDetached(following)) return { kind: 'detached' };
  if (arrived !== null) return pushed(following, draft, { commit: arrived, url: null });
  const problem = redactProblem(firstOf(published), context.ports.secrets);
  story.tell({ ...told, action: 'pushed', commit: draft.commit, problem });
  withdrawOffer(context, proposal, problem.message);
  const outcome = abort.signal.aborted ? 'cancelled' : 'failed';
  return { kind: 'finished', outcome, services: {}, problem };
}

/** Tells that the commit is there. */
export function pushed({ story }: Following, { branch }: Draft, { commit, url }: Published): string {
  story.tell({ type: 'git', action: 'pushed', commit, branch, problem: null, url });
  return commit;
}

async function lookUp(following: Following, draft: Draft): Promise<string | null> {
  const { record, source, log } = following;
  const { environment } = record.plan;
  const where = { draft, environment, since: record.startedAt };
  return lookUpPublished(source, where, callSignal(following)).catch((error: unknown) => {
    log.warn({ problem: toProblem(error) }, 'whether the commit arrived cannot be looked up');
    return null;
  });
}

async function attempt<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (error) {
    return { ok: false, problems: [toProblem(error)] };
  }
}

const firstOf = ({ problems }: { readonly problems: readonly Problem[] }): Problem =>
  problems[0] ?? toProblem('the commit was not published');
