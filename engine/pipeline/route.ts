import type { EngineContext } from '../context.ts';
import { fail, type Drafted } from '../drafted.ts';
import type { Pipelines } from '../forge-port.ts';
import type { Problem } from '../problems.ts';
import type { DeployRoute, Request, Result } from '../types.ts';

/**
 * Who does the work of this request. A pipeline does what Git says on its branch, so what Git cannot say there is
 * always done by the engine.
 */
export async function routeOf(
  { environments }: Pick<EngineContext, 'environments'>,
  { request, drafted }: { readonly request: Request; readonly drafted: Drafted },
  signal: AbortSignal,
): Promise<Result<DeployRoute>> {
  const { source, frame, draft, offline = false } = drafted;
  const wanted = request.route ?? source.routes?.[frame.environment] ?? source.route;
  if (wanted === 'engine') return { ok: true, value: 'engine' };
  if (source.pipelines === null) return fail(noPipelines(source.repository.name));
  const engine = { ok: true, value: 'engine' } as const;
  // What goes back does not wait for GitLab.
  if (request.kind === 'unwind' || offline) return engine;
  const { environment, revision } = frame;
  if (draft !== null) return aloneOnItsBranch(environments, { source, environment }, signal);
  // A release Git already agrees with, or knows nothing of, is only on the host.
  if (request.kind !== 'deploy') return engine;
  if (frame.scope.services.some(({ want }) => want === 'absent')) return engine;
  if (request.revision === undefined) return { ok: true, value: 'pipeline' };
  const head = await source.repository.resolve({ environment }, signal);
  return head.ok && head.value.commit === revision ? { ok: true, value: 'pipeline' } : engine;
}

async function aloneOnItsBranch(
  environments: readonly string[],
  { source, environment }: { readonly source: Drafted['source']; readonly environment: string },
  signal: AbortSignal,
): Promise<Result<DeployRoute>> {
  for (const other of environments.filter((each) => each !== environment))
    if (await isSameBranch(source, [environment, other], signal))
      return fail(sharedBranch(source.repository.name, environment, other));
  return { ok: true, value: 'pipeline' };
}

async function isSameBranch(
  { repository }: Drafted['source'],
  [one, other]: readonly [string, string],
  signal: AbortSignal,
): Promise<boolean> {
  const [a, b] = [
    await repository.resolve({ environment: one }, signal),
    await repository.resolve({ environment: other }, signal),
  ];
  return a.ok && b.ok && a.value.branch === b.value.branch;
}

/** The pipeline of a commit is told its branch and nothing else. */
const sharedBranch = (repository: string, environment: string, other: string): Problem => ({
  code: 'configuration-invalid',
  message: `${environment} and ${other} of ${repository} share a branch, so the pipeline of a commit cannot know which of them to deploy.`,
  hint: 'Ask for the route “engine”, or give each environment a branch of its own in bot.yml.',
});

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
