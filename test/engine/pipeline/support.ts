import type {
  Decision,
  DeploymentEvent,
  JobState,
  Plan,
  Proposal,
  Repository,
  Request,
  Result,
} from '../../../engine/index.ts';
import { renderPlanJson } from '../../../engine/plan-text.ts';
import { eventually } from '../../eventually.ts';
import { app, openEngineHouse, type EngineHouse, type EngineHouseOptions } from '../engine-house.ts';
import { ana } from '../fixtures.ts';
import { createScriptedForge, type ScriptedForge } from '../support/scripted-pipelines.ts';

export const signal = (): AbortSignal => AbortSignal.timeout(60_000);

export interface PipelineHouse extends EngineHouse {
  readonly forge: ScriptedForge;
}
export type JobName = { readonly name: string } & Partial<JobState>;

/** The jobs of a pipeline that waits for somebody before it deploys. */
export const jobs: readonly JobName[] = [
  { name: 'plan_deployment', stage: 'plan' },
  { name: 'deploy_containers', stage: 'deploy' },
  { name: 'verify_services', stage: 'verify' },
];

/**
 * The engine beside a forge that makes a pipeline for every commit that is published, unless told otherwise. As a
 * server does, it makes a commit of its own out of the draft when `rewrites` says so.
 */
export async function openPipelineHouse(
  options: EngineHouseOptions & { readonly silent?: boolean; readonly rewrites?: boolean } = {},
): Promise<PipelineHouse> {
  const forge = createScriptedForge();
  const made: { house: EngineHouse | null } = { house: null };
  const publishing = (git: Repository): Repository => ({
    ...git,
    publish: async (publication, until) => {
      const house = made.house;
      if (house === null) throw new Error('published too early');
      const published = options.rewrites
        ? {
            ok: true as const,
            value: { commit: await rewrite(house, git, publication.draft.commit), url: 'https://git.home/c' },
          }
        : await git.publish(publication, until);
      if (published.ok && options.silent !== true && !publication.skipPipeline)
        forge.add({ commit: published.value.commit, source: 'push' }, jobs);
      return published;
    },
  });
  const house = await openEngineHouse({
    ...{ pipelines: forge.pipelines, route: 'pipeline' },
    ...options,
    aroundGit: (git) => options.aroundGit?.(publishing(git)) ?? publishing(git),
  });
  made.house = house;
  await house.define(house.image('web:1'));
  return Object.assign(Object.create(house) as EngineHouse, { forge });
}

async function rewrite(house: EngineHouse, git: Repository, draft: string): Promise<string> {
  const tree = await git.tree(draft, signal());
  return house.services.commit({ [app.file]: tree.read(app.file) ?? null }, 'deploy: as the server made it');
}

export function value<T>(result: Result<T>): T {
  if (!result.ok)
    throw new Error(result.problems.map(({ code, message }) => `${code}: ${message}`).join('\n'));
  return result.value;
}
export const codes = (result: Result<unknown>): readonly string[] =>
  result.ok ? [] : result.problems.map(({ code }) => code);
export const deploymentOf = (decision: Decision): string => {
  if (decision.kind !== 'started') throw new Error(`not started but ${decision.kind}`);
  return decision.deployment;
};
export const request = (more: Partial<Extract<Request, { kind: 'deploy' }>> = {}): Request => ({
  ...{ kind: 'deploy', service: app.name },
  ...more,
});
export const ask = async (h: EngineHouse, wanted: Request): Promise<Proposal> =>
  value(await h.engine.propose(wanted, ana, signal()));
export const go = async (h: EngineHouse, wanted: Request): Promise<string> =>
  deploymentOf(value(await h.engine.start((await ask(h, wanted)).id, ana, signal())));
export const events = (h: EngineHouse, deployment: string): readonly DeploymentEvent[] =>
  h.store.journal.events(deployment);
export const told = (h: EngineHouse, deployment: string): readonly string[] =>
  events(h, deployment).map((event) =>
    event.type === 'job'
      ? `${event.job.name} ${event.job.status}`
      : event.type === 'pipeline'
        ? `pipeline ${event.pipeline.status}`
        : event.type === 'git'
          ? event.action
          : event.type,
  );
/** Waits until this was told. */
export const until = (h: EngineHouse, deployment: string, what: string): Promise<unknown> =>
  eventually(() => told(h, deployment).includes(what), `${what} of ${told(h, deployment).join(', ')}`, 8_000);
export const last = <T extends DeploymentEvent['type']>(
  h: EngineHouse,
  deployment: string,
  type: T,
): Extract<DeploymentEvent, { type: T }> => {
  const found = events(h, deployment).findLast((event) => event.type === type);
  if (found === undefined) throw new Error(`no ${type}`);
  return found as Extract<DeploymentEvent, { type: T }>;
};
/** The pipeline a deployment follows, once it is found. */
export const pipelineOf = async (h: EngineHouse, deployment: string): Promise<number> =>
  (
    await eventually(
      () => events(h, deployment).find((event) => event.type === 'pipeline')?.pipeline,
      'a pipeline',
      8_000,
    )
  ).id;
/** Lets the pipeline run to the gate: the plan is made, the deployment waits. */
export function toGate(h: PipelineHouse, pipeline: number, plan: Plan | string | null): void {
  h.forge.job(pipeline, 'plan_deployment', { status: 'success' });
  if (plan !== null)
    h.forge.artifact(
      pipeline,
      'plan_deployment',
      'plan.json',
      typeof plan === 'string' ? plan : renderPlanJson(plan),
    );
  h.forge.job(pipeline, 'deploy_containers', { status: 'manual' });
  h.forge.set(pipeline, 'manual');
}
/** Everything that is left succeeds. */
export function finish(h: PipelineHouse, pipeline: number): void {
  for (const { name } of jobs)
    h.forge.job(pipeline, name, { status: 'success', startedAt: '2026-11-21T10:00:00.000Z' });
  h.forge.set(pipeline, 'success');
}
