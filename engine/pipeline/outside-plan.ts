import type { EngineContext } from '../context.ts';
import { planDigest } from '../digest.ts';
import type { PipelineSummary } from '../forge-port.ts';
import type { FileChange, Source } from '../ports.ts';
import type { Plan, PlannedService, Service } from '../types.ts';

/** What a pipeline nobody asked for here is about: the services its commit touched since the last one we know. */
export async function outsidePlan(
  context: EngineContext,
  {
    source,
    environment,
    summary,
  }: { readonly source: Source; readonly environment: string; readonly summary: PipelineSummary },
  signal: AbortSignal,
): Promise<Plan> {
  const { name: repository } = source.repository;
  const before = lastRevision(context, repository, environment);
  const services =
    before === null ? [] : await touched({ source, environment, before, after: summary.commit }, signal);
  const plan = {
    ...{ repository, environment, revision: summary.commit, services, steps: [], risks: [] },
    ...{ downtime: 0, diff: '' },
  };
  return { ...plan, digest: planDigest(plan) };
}

function lastRevision({ store }: EngineContext, repository: string, environment: string): string | null {
  const last =
    store.deployments.lastGood(repository, environment) ??
    store.deployments
      .recent(50)
      .find(({ plan }) => plan.repository === repository && plan.environment === environment);
  return last?.plan.revision ?? null;
}

interface Range {
  readonly source: Source;
  readonly environment: string;
  readonly before: string;
  readonly after: string;
}

async function touched(
  { source, environment, before, after }: Range,
  signal: AbortSignal,
): Promise<readonly PlannedService[]> {
  const { repository } = source;
  const [then, now, changes] = await Promise.all([
    repository.tree(before, signal),
    repository.tree(after, signal),
    repository.diff(before, after, signal),
  ]);
  const old = source.load(then, environment).fleet.services;
  const current = source.load(now, environment).fleet.services;
  const had = new Set(old.map(({ name }) => name));
  const has = new Set(current.map(({ name }) => name));
  const present = current
    .filter(({ name }) => isTouched(changes, source.filesOf({ tree: now, environment, service: name })))
    .map((service) => planned(service, had.has(service.name) ? 'modify' : 'add'));
  const gone = old
    .filter(({ name }) => !has.has(name))
    .filter(({ name }) => isTouched(changes, source.filesOf({ tree: then, environment, service: name })));
  return [...present, ...gone.map((service) => planned(service, 'delete'))];
}

function isTouched(changes: readonly FileChange[], files: readonly string[]): boolean {
  return changes.some(
    ({ path, from }) => files.includes(path) || (from !== undefined && files.includes(from)),
  );
}

function planned(service: Service, action: PlannedService['action']): PlannedService {
  const { name, displayName, category, host, dependsOn } = service;
  return { name, displayName, category, host, action, dependsOn, proof: [] };
}
