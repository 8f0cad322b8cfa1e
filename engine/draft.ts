import { allowed } from './access.ts';
import { problemsOf, unknownService, type Reading } from './catalogue.ts';
import type { EngineContext } from './context.ts';
import { draftKeep } from './draft-keep.ts';
import { draftRollback } from './draft-rollback.ts';
import { draftUnwind } from './draft-unwind.ts';
import { fail, type DraftInput, type Drafted } from './drafted.ts';
import { commitAndRead, commitMessage } from './git-restore.ts';
import { gitRisks } from './git-risks.ts';
import { lastDefinition } from './last-definition.ts';
import { presentService } from './present-service.ts';
import type { ScopedService, Source } from './ports.ts';
import { scopeOf } from './scope-of.ts';
import type { Problem } from './problems.ts';
import type { Draft, Request, Result } from './types.ts';

type DeployRequest = Extract<Request, { kind: 'deploy' }>;

/** Reads Git and says what the plan has to be about. May make an unpublished commit; changes nothing else. */
export async function draftRequest(
  context: EngineContext,
  input: DraftInput,
  signal: AbortSignal,
): Promise<Result<Drafted>> {
  const { request } = input;
  switch (request.kind) {
    case 'deploy':
      return draftDeploy(context, { ...input, request }, signal);
    case 'rollback':
      return draftRollback(context, { ...input, request }, signal);
    case 'unwind':
      return draftUnwind(context, { ...input, request }, signal);
    case 'keep':
      return draftKeep(context, { ...input, request }, signal);
    case 'pipeline':
    case 'gate':
      return fail({ code: 'unexpected', message: 'A pipeline is followed, not planned.' });
  }
}

async function draftDeploy(
  context: EngineContext,
  input: DraftInput<DeployRequest>,
  signal: AbortSignal,
): Promise<Result<Drafted>> {
  const { request, environment } = input;
  if (request.version !== undefined && request.revision !== undefined) return fail(versionAndRevision);
  const source = await context.catalogue.sourceOf(request.service, environment, signal);
  if (!source.ok) return source;
  const at = {
    source: source.value,
    environment,
    ...(request.revision === undefined ? {} : { revision: request.revision }),
  };
  const head = await context.catalogue.read(at, signal);
  if (!head.ok) return head;
  const strange = await strangeInventory(
    context,
    { ...input, source: source.value, head: head.value },
    signal,
  );
  if (strange !== null) return fail(strange);
  const changed = await withVersion({ ...input, source: source.value, head: head.value }, signal);
  if (!changed.ok) return changed;
  const { reading, draft } = changed.value;
  const scoped = await scopedService(
    context,
    { source: source.value, reading, request, environment },
    signal,
  );
  if (!scoped.ok) return scoped;
  const risks = await gitRisks(context, { source: source.value, environment, reading }, signal);
  const frame = {
    repository: source.value.repository.name,
    environment,
    revision: reading.commit,
    scope: scopeOf(context, reading.fleet, [scoped.value]),
    risks,
  };
  return { ok: true, value: { source: source.value, frame, draft } };
}

/** With a version asked for: the same reading at a new, unpublished commit. */
async function withVersion(
  input: DraftInput<DeployRequest> & { readonly source: Source; readonly head: Reading },
  signal: AbortSignal,
): Promise<Result<{ readonly reading: Reading; readonly draft: Draft | null }>> {
  const { request, source, head, existing, environment, actor } = input;
  if (request.version === undefined) return { ok: true, value: { reading: head, draft: null } };
  const edits = source.setVersion(
    { tree: head.tree, environment, service: request.service },
    request.version,
  );
  if (!edits.ok) return edits;
  if (edits.value.length === 0) return { ok: true, value: { reading: head, draft: null } };
  const message = commitMessage(`deploy(${request.service}): ${request.version}`, request.reason);
  return commitAndRead(
    { source, environment, head, files: edits.value, message, author: actor, existing },
    signal,
  );
}

async function scopedService(
  context: EngineContext,
  input: {
    readonly source: Source;
    readonly reading: Reading;
    readonly request: DeployRequest;
    readonly environment: string;
  },
  signal: AbortSignal,
): Promise<Result<ScopedService>> {
  const { source, reading, request } = input;
  const service = reading.fleet.services.find(({ name }) => name === request.service);
  if (service !== undefined) return presentService(context, service, reading.fleet);
  const broken = problemsOf(source, reading, request.service);
  if (broken.length > 0) return { ok: false, problems: broken };
  const last = await lastDefinition(context, input, signal);
  if (last === null) return fail(unknownService(request.service, reading.fleet.services));
  return {
    ok: true,
    value: {
      want: 'absent',
      name: last.name,
      service: last,
      deleteVolumes: request.deleteVolumes ?? false,
      owned: context.store.holdings.of(last.name, input.environment),
    },
  };
}

/** A commit nobody merged must not decide which machines are talked to and how: that takes an administrator. */
async function strangeInventory(
  context: EngineContext,
  input: DraftInput<DeployRequest> & { readonly source: Source; readonly head: Reading },
  signal: AbortSignal,
): Promise<Problem | null> {
  const { source, head, environment, actor } = input;
  if (head.onBranch || allowed(context.access, actor, { capability: 'administer', environment })) return null;
  const merged = await context.catalogue.read({ source, environment }, signal);
  if (merged.ok && merged.value.fleet.inventory.source === head.fleet.inventory.source) return null;
  return {
    code: 'not-allowed',
    message: `Commit ${head.commit.slice(0, 8)} is not on ${head.branch} and has another sentinel.yml, so only somebody who administers Sentinel may plan it.`,
    hint: 'Merge the change of sentinel.yml first, or ask an administrator.',
  };
}

const versionAndRevision: Problem = {
  code: 'version-unclear',
  message: 'A version and a revision were both given, and only one of them can say what to deploy.',
  hint: 'Give `version` to change the image tag on the branch, or `revision` to deploy a commit as it is.',
};
