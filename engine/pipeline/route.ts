import { fail, type Drafted } from '../drafted.ts';
import type { Pipelines } from '../forge-port.ts';
import type { Problem } from '../problems.ts';
import type { DeployRoute, Request, Result } from '../types.ts';

/**
 * Who does the work of this request. A pipeline does what Git says on its branch, so what Git cannot say there is
 * always done by the engine.
 */
export async function routeOf(
  request: Request,
  { source, frame, draft, offline = false }: Drafted,
  signal: AbortSignal,
): Promise<Result<DeployRoute>> {
  const wanted = request.route ?? source.routes?.[frame.environment] ?? source.route;
  if (wanted === 'engine') return { ok: true, value: 'engine' };
  if (source.pipelines === null) return fail(noPipelines(source.repository.name));
  const engine = { ok: true, value: 'engine' } as const;
  // What goes back does not wait for GitLab.
  if (request.kind === 'unwind' || offline) return engine;
  if (draft !== null) return { ok: true, value: 'pipeline' };
  // A release Git already agrees with, or knows nothing of, is only on the host.
  if (request.kind !== 'deploy') return engine;
  if (frame.scope.services.some(({ want }) => want === 'absent')) return engine;
  if (request.revision === undefined) return { ok: true, value: 'pipeline' };
  const { environment, revision } = frame;
  const head = await source.repository.resolve({ environment }, signal);
  return head.ok && head.value.commit === revision ? { ok: true, value: 'pipeline' } : engine;
}

/** The pipelines of a repository, or why the pipeline route cannot be taken. */
export function pipelinesOf({
  pipelines,
  repository,
}: {
  readonly pipelines: Pipelines | null;
  readonly repository: { readonly name: string };
}): Result<Pipelines> {
  return pipelines === null ? fail(noPipelines(repository.name)) : { ok: true, value: pipelines };
}

const noPipelines = (repository: string): Problem => ({
  code: 'configuration-invalid',
  message: `${repository} is not a GitLab project Sentinel knows, so no pipeline can deploy it.`,
  hint: 'Give the repository a `gitlab` section in bot.yml, or ask for the route “engine”.',
});
