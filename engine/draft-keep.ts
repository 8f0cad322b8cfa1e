import { createTwoFilesPatch } from 'diff';
import { problemsOf, unknownService, type Reading } from './catalogue.ts';
import { changesAnything } from './changes-anything.ts';
import type { EngineContext } from './context.ts';
import { fail, type DraftInput, type Drafted } from './drafted.ts';
import { commitAndRead, commitMessage } from './git-restore.ts';
import { gitRisks } from './git-risks.ts';
import { withHostHoldings } from './holdings/index.ts';
import type { CommitDraft, DefinitionEdit, ScopedService, Source } from './ports.ts';
import { presentService } from './present-service.ts';
import { scopeOf } from './scope-of.ts';
import type { Problem } from './problems.ts';
import { surveySystems, type SideSurvey } from './survey-systems.ts';
import type { Draft, Request, Result, Service } from './types.ts';

type KeepRequest = Extract<Request, { kind: 'keep' }>;

/** Makes Git say what the systems around a service have now: a commit, and the plan for what then still differs. */
export async function draftKeep(
  context: EngineContext,
  input: DraftInput<KeepRequest>,
  signal: AbortSignal,
): Promise<Result<Drafted>> {
  const { request, environment, actor } = input;
  const source = await context.catalogue.sourceOf(request.service, environment, signal);
  if (!source.ok) return source;
  const head = await context.catalogue.read({ source: source.value, environment }, signal);
  if (!head.ok) return head;
  const now = scoped(context, { source: source.value, reading: head.value, ...input });
  if (!now.ok) return now;
  const files = await keptFiles(context, { source: source.value, head: head.value, now: now.value }, signal);
  if (!files.ok) return files;
  const message = commitMessage(`keep(${request.service}): what the systems around it have`, request.reason);
  const existing = await sameDraft({ source: source.value, files: files.value, ...input }, signal);
  const made = await commitAndRead(
    {
      ...{ source: source.value, environment, head: head.value },
      ...{ files: files.value, message, author: actor, existing },
    },
    signal,
  );
  if (!made.ok) return made;
  const { reading, draft } = made.value;
  const broken = newProblems(head.value, reading);
  if (broken.length > 0) return { ok: false, problems: broken };
  const then = scoped(context, { source: source.value, reading, ...input });
  if (!then.ok) return then;
  const frame = {
    repository: source.value.repository.name,
    environment,
    revision: reading.commit,
    scope: scopeOf(context, reading.fleet, [then.value]),
    risks: await gitRisks(context, { source: source.value, environment, reading }, signal),
  };
  const gitDiff = context.secrets.redact(diffOf(head.value, files.value));
  return { ok: true, value: { source: source.value, frame, draft, gitDiff } };
}

/** The service at a commit; refused where it is not defined there, or not well. */
function scoped(
  context: EngineContext,
  input: DraftInput<KeepRequest> & { readonly source: Source; readonly reading: Reading },
): Result<ScopedService> {
  const { source, reading, request } = input;
  const service = reading.fleet.services.find(({ name }) => name === request.service);
  if (service !== undefined) return presentService(context, service, reading.fleet);
  const broken = problemsOf(source, reading, request.service);
  return broken.length > 0
    ? { ok: false, problems: broken }
    : fail(unknownService(request.service, reading.fleet.services));
}

/** What is there may be what another service asks for too; Git must stay deployable. */
function newProblems(before: Reading, after: Reading): readonly Problem[] {
  const known = new Set(before.problems.map(({ message }) => message));
  return after.problems.filter(({ message }) => !known.has(message));
}

/** The edits of the service's file, from a fresh look at every system. */
async function keptFiles(
  { ports, store }: EngineContext,
  { source, head, now }: { readonly source: Source; readonly head: Reading; readonly now: ScopedService },
  signal: AbortSignal,
): Promise<Result<CommitDraft['files']>> {
  const { inventory, environment } = head.fleet;
  const known = { environment, since: store.holdings.since, ports };
  const scope = await withHostHoldings({ inventory, services: [now] }, known, signal);
  const surveys = await surveySystems(scope, ports, signal);
  const problems = surveys.flatMap(({ survey }) => survey.problems);
  if (problems.length > 0) return { ok: false, problems };
  const files = source.setValues(
    { tree: head.tree, environment, service: now.name },
    adoptedEdits(now.service, surveys),
  );
  return files.ok && files.value.length === 0 ? fail(nothingToKeep(now.name, surveys)) : files;
}

/** Pure: what has to be written so that Git says what is there, as far as it can say it; the last word on a value counts. */
export function adoptedEdits(service: Service, surveys: readonly SideSurvey[]): readonly DefinitionEdit[] {
  const edits = surveys.flatMap(({ stage, survey }) =>
    survey.steps
      .filter((step) => step.service === service.name && changesAnything(step))
      .flatMap((step) => stage.adopt?.(step, service) ?? []),
  );
  return [...new Map(edits.map((edit) => [JSON.stringify(edit.path), edit])).values()];
}

/** The draft of the proposal that is planned again, when it still says what is there. */
async function sameDraft(
  {
    source,
    files,
    existing,
  }: {
    readonly source: Source;
    readonly files: CommitDraft['files'];
    readonly existing: Draft | null;
  },
  signal: AbortSignal,
): Promise<Draft | null> {
  if (existing === null) return null;
  const tree = await source.repository.tree(existing.commit, signal);
  return files.every(({ path, text }) => tree.read(path) === (text ?? undefined)) ? existing : null;
}

function diffOf({ tree }: Reading, files: CommitDraft['files']): string {
  return files
    .map(({ path, text }) =>
      createTwoFilesPatch(path, path, tree.read(path) ?? '', text ?? '', undefined, undefined, {
        context: 3,
      }),
    )
    .map((patch) => patch.replace(/^(?:Index: .*\n)?=+\n/, ''))
    .join('');
}

function nothingToKeep(service: string, surveys: readonly SideSurvey[]): Problem {
  const differs = surveys.some(({ survey }) => survey.steps.some((step) => step.service === service));
  return differs
    ? {
        code: 'nothing-to-do',
        message: `What differs around ${service} cannot be said in its definition, so Git cannot keep it.`,
        hint: 'Put it back, or change the definition by hand.',
      }
    : {
        code: 'nothing-to-do',
        message: `The systems around ${service} are as Git says; there is nothing to keep.`,
      };
}
