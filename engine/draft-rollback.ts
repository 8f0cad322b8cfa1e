import { unknownService, type Reading } from './catalogue.ts';
import { scopeOf } from './scope-of.ts';
import type { EngineContext } from './context.ts';
import { fail, type Drafted, type DraftInput } from './drafted.ts';
import { commitEdits, commitMessage } from './git-restore.ts';
import { gitRisks } from './git-risks.ts';
import { definitionOf, lastDefinition } from './last-definition.ts';
import type { CommitDraft, ScopedService, Source } from './ports.ts';
import { listReleases, type ReleaseOnHost } from './stages/deploy/index.ts';
import type { Draft, Release, Request, Result, Risk, Service } from './types.ts';

type RollbackRequest = Extract<Request, { kind: 'rollback' }>;

/** Back to a release that is still on the host, and the same in Git so that the next deployment does not undo it. */
export async function draftRollback(
  context: EngineContext,
  input: DraftInput<RollbackRequest>,
  signal: AbortSignal,
): Promise<Result<Drafted>> {
  const { request, environment } = input;
  const source = await context.catalogue.sourceOf(request.service, environment, signal);
  if (!source.ok) return source;
  // Git's server may be one of the things that are down: the release is on the host, and its commit is here.
  const head = await context.catalogue.read({ source: source.value, environment, lastSeen: true }, signal);
  if (!head.ok) return head;
  const service =
    head.value.fleet.services.find(({ name }) => name === request.service) ??
    (await lastDefinition(context, { source: source.value, request, environment }, signal));
  if (service === null) return fail(unknownService(request.service, head.value.fleet.services));
  const release = await chooseRelease(
    context,
    { service, head: head.value, wanted: request.release },
    signal,
  );
  if (!release.ok) return release;
  const draft = await writeBack(
    { ...input, source: source.value, head: head.value, release: release.value },
    signal,
  );
  if (!draft.ok) return draft;
  const scoped: ScopedService = {
    want: 'release',
    name: service.name,
    service: await definitionOf(
      { source: source.value, environment, service, revision: release.value.revision },
      signal,
    ),
    release: release.value.id,
    owned: context.store.holdings.of(service.name, environment),
  };
  const frame = {
    repository: source.value.repository.name,
    environment,
    revision: draft.value.draft?.commit ?? head.value.commit,
    scope: { ...scopeOf(context, head.value.fleet, [scoped]), goingBack: true },
    risks: [
      ...draft.value.risks,
      ...(await gitRisks(context, { source: source.value, environment, reading: head.value }, signal)),
    ],
  };
  const { offline = false } = head.value;
  return { ok: true, value: { source: source.value, frame, draft: draft.value.draft, offline } };
}

async function chooseRelease(
  context: EngineContext,
  {
    service,
    head,
    wanted,
  }: { readonly service: Service; readonly head: Reading; readonly wanted: string | undefined },
  signal: AbortSignal,
): Promise<Result<Release>> {
  const entry = head.fleet.inventory.hosts[service.host];
  if (entry === undefined)
    return fail({
      code: 'host-unknown',
      message: `${service.name} runs on “${service.host}”, which sentinel.yml does not list.`,
    });
  const found = await listReleases(service, entry, context.ports, signal);
  const release = wanted === undefined ? lastVerified(found) : found.find(({ id }) => id === wanted);
  if (release !== undefined) return { ok: true, value: release };
  const kept = found.map(({ id }) => id);
  return fail({
    code: 'release-unknown',
    message:
      wanted === undefined
        ? `${service.name} has no earlier verified release on ${service.host} to go back to.`
        : `${service.name} has no release “${wanted}” on ${service.host}.`,
    where: service.host,
    hint: hintFor(kept, wanted),
  });
}

function hintFor(kept: readonly string[], wanted: string | undefined): string {
  if (kept.length === 0) return 'Nothing Sentinel deployed is kept there.';
  const there = `Kept there: ${kept.join(', ')}.`;
  return wanted === undefined
    ? `${there} If only its route, name, sign-on or tile changed: revert the commit in Git and \`/deploy\` again.`
    : there;
}

/** The newest verified release older than the one that runs. */
export function lastVerified(newestFirst: readonly ReleaseOnHost[]): ReleaseOnHost | undefined {
  const current = newestFirst.findIndex((release) => release.current);
  return newestFirst.find((release, index) => index > current && release.verifiedAt !== null);
}

/** The commit that makes Git say what the release says, or the risk that it cannot. */
async function writeBack(
  input: DraftInput<RollbackRequest> & {
    readonly source: Source;
    readonly head: Reading;
    readonly release: Release;
  },
  signal: AbortSignal,
): Promise<Result<{ readonly draft: Draft | null; readonly risks: readonly Risk[] }>> {
  const { source, head, release, request, existing, actor } = input;
  const { revision } = release;
  if (revision === null)
    return { ok: true, value: { draft: null, risks: [notFromGit(request.service, release.id)] } };
  const files = await filesAt(input, revision, signal);
  if (files.length === 0) return { ok: true, value: { draft: null, risks: [] } };
  const message = commitMessage(`rollback(${request.service}): to release ${release.id}`, request.reason);
  const { repository } = source;
  const draft = await commitEdits({ repository, head, files, message, author: actor, existing }, signal);
  return draft.ok ? { ok: true, value: { draft: draft.value, risks: [] } } : draft;
}

/** The edits that make a service's files at the head what they were at `revision`. */
async function filesAt(
  {
    source,
    head,
    request: { service },
  }: { readonly source: Source; readonly head: Reading; readonly request: RollbackRequest },
  revision: string,
  signal: AbortSignal,
): Promise<CommitDraft['files']> {
  const then = await source.repository.tree(revision, signal);
  const { environment } = head.fleet;
  const paths = new Set([then, head.tree].flatMap((tree) => source.filesOf({ tree, environment, service })));
  return [...paths]
    .filter((path) => then.blob(path) !== head.tree.blob(path))
    .map((path) => ({ path, text: then.read(path) ?? null }));
}

const notFromGit = (service: string, release: string): Risk => ({
  code: 'unmanaged-files',
  service,
  message: `release ${release} did not come from a commit, so Git cannot be made to match: the next deployment would undo this rollback`,
  alwaysApprove: false,
});
