import type { EngineContext } from '../context.ts';
import { toProblem } from '../problems.ts';
import type { Proposal } from '../types.ts';

const withdrawMs = 120_000;

/** Takes back the merge request of a request that will not run; on its own, since nobody has to wait for it. */
export function withdrawOffer(
  { sources, log }: Pick<EngineContext, 'sources' | 'log'>,
  { id, offer, plan }: Proposal,
  because: string,
): void {
  const source = sources.find(({ repository }) => repository.name === plan.repository);
  if (offer === null || source === undefined) return;
  const fields = { request: id, offer: offer.label };
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
