import { unknownService, type Reading } from './catalogue.ts';
import type { EngineContext } from './context.ts';
import { fail, type DraftInput, type Drafted } from './drafted.ts';
import { commitEdits, restoredFiles } from './git-restore.ts';
import { gitRisks } from './git-risks.ts';
import { definitionOf, lastDefinition } from './last-definition.ts';
import type { ScopedService, Source } from './ports.ts';
import type { DeploymentEvent } from './events.ts';
import { scopeOf } from './scope-of.ts';
import type { Problem } from './problems.ts';
import type { DeploymentRecord, Draft, Plan, Request, Result, Step } from './types.ts';

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
    scope: { ...scopeOf(context, head.value.fleet, services.value), goingBack: true },
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

/** Pure: the steps that were begun, each with what was there before it. */
export function begunSteps(plan: Plan, events: readonly DeploymentEvent[]): readonly Step[] {
  const begun = new Set(
    events.flatMap((event) =>
      event.type === 'step-started' && event.phase === 'forward' ? [event.step] : [],
    ),
  );
  return plan.steps.filter(({ stage, id }) => stage !== 'verify' && begun.has(id));
}

interface Undoing {
  readonly source: Source;
  readonly head: Reading;
  readonly record: DeploymentRecord;
  readonly events: readonly DeploymentEvent[];
}

async function wantedBefore(
  context: EngineContext,
  parts: Undoing,
  signal: AbortSignal,
): Promise<Result<readonly ScopedService[]>> {
  const begun = begunSteps(parts.record.plan, parts.events);
  const wanted: ScopedService[] = [];
  for (const name of new Set(begun.map(({ service }) => service))) {
    const own = begun.filter(({ service }) => service === name);
    const before = await serviceBefore(context, { ...parts, name, own }, signal);
    if (!before.ok) return before;
    wanted.push(before.value);
  }
  return { ok: true, value: wanted };
}

async function serviceBefore(
  context: EngineContext,
  parts: Undoing & { readonly name: string; readonly own: readonly Step[] },
  signal: AbortSignal,
): Promise<Result<ScopedService>> {
  const { source, head, record, name, own } = parts;
  const { environment } = record.plan;
  const service =
    head.fleet.services.find((candidate) => candidate.name === name) ??
    (await lastDefinition(context, { source, request: { service: name }, environment }, signal));
  if (service === null) return fail(unknownService(name, head.fleet.services));
  const owned = context.store.holdings.of(name, environment);
  const deploys = own.filter((step) => step.stage === 'deploy');
  if (deploys.length > 1) return fail(movedHalfWay(record, name));
  const [step] = deploys;
  if (step === undefined) {
    const revision = revisionBefore(context, record, name);
    if (revision === null) return fail(nothingBefore(record, name));
    const then = await definitionOf({ source, environment, service, revision }, signal);
    return { ok: true, value: { want: 'present', name, service: then, owned } };
  }
  const { before, after, fallback } = step;
  const place = before ?? after;
  // Where it was then, whatever the definition says by now.
  const there = place === null ? service : { ...service, host: place.host, installPath: place.path };
  const { release = null, revision = null } = fallback ?? before ?? {};
  if (release === null)
    return { ok: true, value: { want: 'absent', name, service: there, deleteVolumes: false, owned } };
  const then = await definitionOf({ source, environment, service: there, revision }, signal);
  return { ok: true, value: { want: 'release', name, service: then, release, owned } };
}

/** The commit of the last good deployment of a service before this one. */
function revisionBefore({ store }: EngineContext, record: DeploymentRecord, name: string): string | null {
  const { repository, environment } = record.plan;
  const earlier = store.deployments
    .ofService(name, 50)
    .find(
      ({ id, plan, outcome }) =>
        id !== record.id &&
        plan.repository === repository &&
        plan.environment === environment &&
        (outcome === 'succeeded' || outcome === 'degraded'),
    );
  return earlier?.plan.revision ?? null;
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
  const there = publishedCommit(events) ?? draft.commit;
  const message = `revert: take back ${there.slice(0, 8)}\n\nThe deployment ${record.id} was cut off and is undone.`;
  return commitEdits(
    { repository: source.repository, head, files, message, author: actor, existing },
    signal,
  );
}

/** What the server made of the draft. */
function publishedCommit(events: readonly DeploymentEvent[]): string | null {
  const pushed = events.find(
    (event) => event.type === 'git' && event.action === 'pushed' && event.problem === null,
  );
  return pushed?.type === 'git' ? pushed.commit : null;
}

const movedHalfWay = ({ id }: DeploymentRecord, service: string): Problem => ({
  code: 'already-decided',
  message: `${id} was moving ${service} to another host when it was cut off, and half a move cannot be undone from here.`,
  hint: 'Finish it; or take the change back in Git and deploy.',
});

const nothingBefore = ({ id }: DeploymentRecord, service: string): Problem => ({
  code: 'already-decided',
  message: `${id} only changed what is around ${service}, and no earlier deployment tells what was there.`,
  hint: 'Finish it; or take the change back in Git and deploy.',
});

const unknownRepository = (name: string): Problem => ({
  code: 'repository-unreachable',
  message: `The repository ${name} is no longer configured.`,
  hint: 'Put it back into bot.yml.',
});
