import { unknownService, type Reading } from './catalogue.ts';
import type { EngineContext } from './context.ts';
import { fail, type DraftInput, type Drafted } from './drafted.ts';
import { commitEdits, restoredFiles } from './git-restore.ts';
import { gitRisks } from './git-risks.ts';
import { definitionOf, lastDefinition } from './last-definition.ts';
import type { ScopedService, Source } from './ports.ts';
import type { DeploymentEvent } from './events.ts';
import type { Problem } from './problems.ts';
import type { DeploymentRecord, Draft, Plan, Request, Result, StepOf } from './types.ts';

type UnwindRequest = Extract<Request, { kind: 'unwind' }>;

/** Back to what was there before a deployment that was cut off, surveyed anew, and its commit taken back. */
export async function draftUnwind(
  context: EngineContext,
  input: DraftInput<UnwindRequest>,
  signal: AbortSignal,
): Promise<Result<Drafted>> {
  const { request, environment } = input;
  const found = interruptedOne(context, request.deployment);
  if (!found.ok) return found;
  const record = found.value;
  const source = context.sources.find(({ repository }) => repository.name === record.plan.repository);
  if (source === undefined) return fail(unknownRepository(record.plan.repository));
  const head = await context.catalogue.read({ source, environment }, signal);
  if (!head.ok) return head;
  const events = context.store.journal.events(record.id);
  const services = await wantedBefore(context, { source, head: head.value, record, events }, signal);
  if (!services.ok) return services;
  const draft = await takenBack(context, { ...input, source, head: head.value, record, events }, signal);
  if (!draft.ok) return draft;
  const frame = {
    repository: source.repository.name,
    environment,
    revision: draft.value?.commit ?? head.value.commit,
    scope: { inventory: head.value.fleet.inventory, services: services.value },
    risks: await gitRisks(context, { source, environment, reading: head.value }, signal),
  };
  return { ok: true, value: { source, frame, draft: draft.value } };
}

/** Only a deployment that is cut off and that nothing has replaced since can be undone from here. */
function interruptedOne({ store, running }: EngineContext, id: string): Result<DeploymentRecord> {
  const record = store.deployments.get(id);
  if (record === undefined)
    return fail({ code: 'proposal-unknown', message: `There is no deployment ${id}.` });
  const hint = 'Use /rollback to go back to an earlier release.';
  if (record.outcome !== 'interrupted' || running.has(id))
    return fail({
      code: 'already-decided',
      message: `${id} is not interrupted; it ended as ${record.outcome ?? 'running'}.`,
      hint,
    });
  const newer = record.plan.services
    .flatMap(({ name }) => store.deployments.ofService(name, 1))
    .find((last) => last.id !== id && last.startedAt > record.startedAt);
  return newer === undefined
    ? { ok: true, value: record }
    : fail({
        code: 'already-decided',
        message: `${newer.id} changed the same service after ${id} was cut off.`,
        hint,
      });
}

/** Pure: the deploy steps that were begun, each with what was there before it. */
export function begunSteps(plan: Plan, events: readonly DeploymentEvent[]): readonly StepOf<'deploy'>[] {
  const begun = new Set(
    events.flatMap((event) =>
      event.type === 'step-started' && event.phase === 'forward' ? [event.step] : [],
    ),
  );
  return plan.steps.flatMap((step) => (step.stage === 'deploy' && begun.has(step.id) ? [step] : []));
}

async function wantedBefore(
  context: EngineContext,
  parts: {
    readonly source: Source;
    readonly head: Reading;
    readonly record: DeploymentRecord;
    readonly events: readonly DeploymentEvent[];
  },
  signal: AbortSignal,
): Promise<Result<readonly ScopedService[]>> {
  const { source, head, record, events } = parts;
  const { environment } = record.plan;
  const wanted: ScopedService[] = [];
  const begun = begunSteps(record.plan, events);
  for (const { service: name, before, after, fallback } of begun) {
    if (begun.filter((step) => step.service === name).length > 1) return fail(movedHalfWay(record, name));
    const place = before ?? after;
    const service =
      head.fleet.services.find((candidate) => candidate.name === name) ??
      (await lastDefinition(context, { source, request: { service: name }, environment }, signal));
    if (service === null) return fail(unknownService(name, head.fleet.services));
    // Where it was then, whatever the definition says by now.
    const there = place === null ? service : { ...service, host: place.host, installPath: place.path };
    const release = (fallback ?? before)?.release ?? null;
    const owned = context.store.holdings.of(name, environment);
    const { revision = null } = fallback ?? before ?? {};
    wanted.push(
      release === null
        ? { want: 'absent', name, service: there, deleteVolumes: false, owned }
        : {
            want: 'release',
            name,
            service: await definitionOf({ source, environment, service: there, revision }, signal),
            release,
            owned,
          },
    );
  }
  return { ok: true, value: wanted };
}

/** The commit that takes back what the deployment published, when it published something. */
async function takenBack(
  { store }: EngineContext,
  parts: DraftInput<UnwindRequest> & {
    readonly source: Source;
    readonly head: Reading;
    readonly record: DeploymentRecord;
    readonly events: readonly DeploymentEvent[];
  },
  signal: AbortSignal,
): Promise<Result<Draft | null>> {
  const { source, head, record, events, existing, actor } = parts;
  const published = events.some((event) => event.type === 'git' && event.action === 'pushing');
  const draft = record.proposal === null ? null : (store.proposals.get(record.proposal)?.draft ?? null);
  if (draft === null || !published) return { ok: true, value: null };
  const files = await restoredFiles({ repository: source.repository, head: head.tree, from: draft }, signal);
  if (files.length === 0) return { ok: true, value: null };
  const message = `revert: take back ${draft.commit.slice(0, 8)}\n\nThe deployment ${record.id} was cut off and is undone.`;
  return commitEdits(
    { repository: source.repository, head, files, message, author: actor, existing },
    signal,
  );
}

const movedHalfWay = ({ id }: DeploymentRecord, service: string): Problem => ({
  code: 'already-decided',
  message: `${id} was moving ${service} to another host when it was cut off, and half a move cannot be undone from here.`,
  hint: 'Finish it; or take the change back in Git and deploy.',
});

const unknownRepository = (name: string): Problem => ({
  code: 'repository-unreachable',
  message: `The repository ${name} is no longer configured.`,
  hint: 'Put it back into bot.yml.',
});
