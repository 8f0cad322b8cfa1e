import type { EngineContext } from './context.ts';
import type { DeploymentEvent } from './events.ts';
import { fail, type Drafted, type DraftInput } from './drafted.ts';
import { lastDefinition } from './last-definition.ts';
import type { ScopedService } from './ports.ts';
import { reverse } from './swap.ts';
import type { Request, Result, Step } from './types.ts';

type UnwindRequest = Extract<Request, { kind: 'unwind' }>;

/** The way back for a deployment that was cut off: its started steps from the journal, swapped. */
export async function draftUnwind(
  context: EngineContext,
  { request, environment }: DraftInput<UnwindRequest>,
  signal: AbortSignal,
): Promise<Result<Drafted>> {
  const record = context.store.deployments.get(request.deployment);
  if (record === undefined)
    return fail({ code: 'proposal-unknown', message: `There is no deployment ${request.deployment}.` });
  if (record.outcome !== 'interrupted')
    return fail({
      code: 'already-decided',
      message: `${record.id} is not interrupted (${record.outcome ?? 'it still runs'}), so there is nothing to undo.`,
    });
  const source = context.sources.find(({ repository }) => repository.name === record.plan.repository);
  if (source === undefined)
    return fail({
      code: 'repository-unreachable',
      message: `The repository ${record.plan.repository} is no longer configured.`,
    });
  const tree = await source.repository.tree(record.plan.revision, signal);
  const { fleet } = source.load(tree, environment);
  const steps = wayBack(record.plan.steps, context.store.journal.events(record.id));
  const services: ScopedService[] = [];
  for (const name of new Set(steps.map(({ service }) => service))) {
    const service =
      fleet.services.find((candidate) => candidate.name === name) ??
      (await lastDefinition(context, { source, request: { service: name }, environment }, signal));
    if (service !== null) services.push({ want: 'present', name, service });
  }
  const frame = {
    repository: source.repository.name,
    environment,
    revision: record.plan.revision,
    scope: { inventory: fleet.inventory, services },
    risks: [],
  };
  return { ok: true, value: { source, frame, draft: null, steps } };
}

/** Pure: steps that were started and not yet undone, swapped, last first. */
export function wayBack(planned: readonly Step[], events: readonly DeploymentEvent[]): readonly Step[] {
  const started = new Set<string>();
  const undone = new Set<string>();
  for (const event of events) {
    if (event.type === 'step-started' && event.phase === 'forward') started.add(event.step);
    if (event.type === 'step-done' && event.phase === 'unwind') undone.add(event.step);
  }
  const open = planned.filter(({ id }) => started.has(id) && !undone.has(`undo ${id}`));
  return reverse(open).filter(({ stage }) => stage !== 'verify' || open.length > 0);
}
