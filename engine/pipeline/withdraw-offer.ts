import type { EngineContext } from '../context.ts';
import { toProblem } from '../problems.ts';
import type { Proposal } from '../types.ts';

const withdrawMs = 120_000;

/**
 * Takes back the merge request of a request that will not run; on its own, since nobody has to wait for it. One that
 * needed nobody's approval was never offered: its merge request was opened only to be merged, and is found by its id.
 */
export function withdrawOffer(
  { sources, log }: Pick<EngineContext, 'sources' | 'log'>,
  { id, draft, offer, plan }: Proposal,
  because: string,
): void {
  const source = sources.find(({ repository }) => repository.name === plan.repository);
  if ((offer === null && draft === null) || source === undefined) return;
  const fields = { request: id, offer: offer?.label ?? null };
  const { environment } = plan;
  source.repository
    .withdraw({ request: id, environment, because }, AbortSignal.timeout(withdrawMs))
    .then((done) =>
      done.ok
        ? log.info(fields, 'what was offered is taken back')
        : log.warn({ ...fields, problems: done.problems }, 'what was offered could not be taken back'),
    )
    .catch((error: unknown) =>
      log.warn({ ...fields, problem: toProblem(error) }, 'what was offered could not be taken back'),
    );
}
