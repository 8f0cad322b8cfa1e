import { inEnvironment, type EngineContext } from '../context.ts';
import type { Pipelines, PipelineSummary } from '../forge-port.ts';
import { newId } from '../ids.ts';
import { oneLine } from '../notify/one-line.ts';
import type { Source } from '../ports.ts';
import { toProblem } from '../problems.ts';
import { redactProblem } from '../redact-problem.ts';
import type { Actor } from '../types.ts';
import { goOn } from './execute-pipeline.ts';
import { isOver } from './follow.ts';
import { createFollowing } from './following.ts';
import { outsidePlan } from './outside-plan.ts';
import { isOfBranch } from './seek.ts';
import { setOut } from './set-out.ts';
import { summaryOf } from './tell-changes.ts';

/** How far the first look of a process goes back, for pipelines that still run. */
const firstLookMs = 24 * 3_600_000;
/** Two looks overlap: what changed while one was answered is not lost between them. */
const overlapMs = 60_000;
const newsMs = 60_000;

/** Finds pipelines nobody asked for here, such as those of a push, and follows each of them once. */
export interface Outside {
  look(signal: AbortSignal): Promise<void>;
  news(news: { readonly project: string; readonly pipeline: number }): void;
}
interface WithPipelines {
  readonly source: Source;
  readonly pipelines: Pipelines;
}
interface Adoption {
  readonly source: Source;
  readonly pipelines: Pipelines;
  readonly summary: PipelineSummary;
}

export function createOutside(context: EngineContext): Outside {
  const { clock, log } = context;
  const born = clock.now().getTime();
  const watched: readonly WithPipelines[] = context.sources.flatMap((source) =>
    source.pipelines === null ? [] : [{ source, pipelines: source.pipelines }],
  );
  /** When each repository was looked at last. */
  const looked = new Map<string, number>();
  /** Pipelines there are news of, until their turn comes: a pipeline tells of every change of every job. */
  const wanted = new Map<WithPipelines, Set<number>>();
  let turn = Promise.resolve();

  async function lookAt({ source, pipelines }: WithPipelines, signal: AbortSignal): Promise<void> {
    const { name } = source.repository;
    const now = clock.now().getTime();
    const last = looked.get(name);
    const since = last === undefined ? now - firstLookMs : last - overlapMs;
    const found = await pipelines.since(new Date(since).toISOString(), signal);
    const running = last === undefined ? stillRunning(found) : found.filter(({ status }) => !isOver(status));
    const told = found.filter((one) => Date.parse(one.createdAt) >= born || running.includes(one));
    // Oldest first, as they happened.
    for (const summary of told.toReversed()) {
      // One of them may be what we are just publishing: then all of them are looked at in the next round.
      if (isSeeking(context, name)) return;
      await adopt(context, { source, pipelines, summary }, signal);
    }
    looked.set(name, now);
  }

  async function safely({ pipelines: { project } }: WithPipelines, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const problem = redactProblem(toProblem(error), context.ports.secrets);
      log.warn({ project, problem }, 'pipelines could not be looked for');
    }
  }

  /** One look at a time, in the order they were asked for. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    turn = turn.then(work);
    return turn;
  }

  async function lookAtOne({ source, pipelines }: WithPipelines, pipeline: number): Promise<void> {
    const { name } = source.repository;
    if (context.store.deployments.ofPipeline(name, pipeline) !== undefined || isSeeking(context, name))
      return;
    const signal = AbortSignal.timeout(newsMs);
    const summary = await pipelines.read(pipeline, signal);
    if (isOver(summary.status) && !(Date.parse(summary.createdAt) >= born)) return;
    await adopt(context, { source, pipelines, summary }, signal);
  }

  async function followUp(): Promise<void> {
    const work = [...wanted];
    wanted.clear();
    for (const [each, ids] of work)
      if (each.pipelines.number() === null)
        // Whose news they are is not known before its first answer, which tells its pipelines as well.
        await safely(each, () => lookAt(each, AbortSignal.timeout(newsMs)));
      else for (const pipeline of ids) await safely(each, () => lookAtOne(each, pipeline));
  }

  return {
    look: (signal) =>
      inTurn(async () => {
        for (const each of watched) await safely(each, () => lookAt(each, signal));
      }),
    news({ project, pipeline }) {
      for (const { following } of context.running.values())
        if (following !== undefined && concerns(following, { project, pipeline })) following.waker.wake();
      const isQueued = wanted.size > 0;
      for (const each of watched.filter(({ pipelines }) => mayBe(pipelines, project)))
        wanted.set(each, new Set([...(wanted.get(each) ?? []), pipeline]));
      if (!isQueued && wanted.size > 0) void inTurn(followUp);
    },
  };
}

function concerns(
  { pipelines, known }: ReturnType<typeof createFollowing>,
  { project, pipeline }: { readonly project: string; readonly pipeline: number },
): boolean {
  const mine = known().pipeline?.id;
  return (mine === undefined || mine === pipeline) && mayBe(pipelines, project);
}

/** Webhooks call a project by its number, which only the server can tell. */
function mayBe(pipelines: Pipelines, project: string): boolean {
  const number = pipelines.number();
  if (pipelines.project === project) return true;
  return /^\d+$/.test(project) && (number === null || String(number) === project);
}

/** What began before the first look is told only where it still goes on: the newest of each branch. */
function stillRunning(newestFirst: readonly PipelineSummary[]): readonly PipelineSummary[] {
  const branches = new Set<string>();
  return newestFirst.filter(isOfBranch).filter(({ branch, status }) => {
    const newest = !branches.has(branch);
    branches.add(branch);
    return newest && !isOver(status);
  });
}

/** While a deployment of ours waits for its pipeline, nobody knows yet which one that is. */
function isSeeking({ running }: EngineContext, repository: string): boolean {
  return [...running.values()].some(
    ({ following }) =>
      following?.source.repository.name === repository &&
      following.record.request.kind !== 'pipeline' &&
      following.known().pipeline === null,
  );
}

async function adopt(
  context: EngineContext,
  { source, pipelines, summary }: Adoption,
  signal: AbortSignal,
): Promise<void> {
  const { name: repository } = source.repository;
  const isKnown = (): boolean => context.store.deployments.ofPipeline(repository, summary.id) !== undefined;
  if (summary.status === 'skipped' || !isOfBranch(summary) || isKnown()) return;
  const environment = await environmentOf(context, { source, branch: summary.branch }, signal);
  if (environment === null) return;
  // Its secrets, before anything of its jobs is told.
  const inside = await inEnvironment(context, environment, signal);
  const plan = await outsidePlan(context, { source, environment, summary }, signal);
  // A list does not tell who started them, and that decides who may not agree to it.
  const told = summary.by === null ? await pipelines.read(summary.id, signal) : summary;
  // Looked at again after every wait: what was asked for here may have begun meanwhile.
  if (isKnown() || isSeeking(context, repository)) return;
  const request = { kind: 'pipeline', repository, pipeline: summary.id, environment } as const;
  const actor = actorOf(context, told);
  const startedAt = context.clock.now().toISOString();
  const record = { id: newId('d'), proposal: null, plan, request, actor, approvedBy: [], startedAt };
  const following = createFollowing(inside, { record, source, pipelines, guard: null });
  following.story.tell({ type: 'started', plan, proposal: null, request, actor, approvedBy: [] });
  setOut(inside, following, () => Promise.resolve(goOn(inside, following, summaryOf(told))));
}

async function environmentOf(
  { environments }: EngineContext,
  { source, branch }: { readonly source: Source; readonly branch: string },
  signal: AbortSignal,
): Promise<string | null> {
  for (const environment of environments) {
    const found = await source.repository.resolve({ environment }, signal);
    if (found.ok && found.value.branch === branch) return environment;
  }
  return null;
}

/** Who started it, as the person they are here. GitLab takes no notice of upper and lower case in logins. */
function actorOf({ people }: EngineContext, { by }: Pick<PipelineSummary, 'by'>): Actor {
  if (by === null) return { id: 'gitlab:', name: 'GitLab', roles: [] };
  const login = by.login.toLowerCase();
  const [, person] = Object.entries(people).find(([name]) => name.toLowerCase() === login) ?? [];
  return { id: person ?? `gitlab:${by.login}`, name: oneLine(by.name, 80) || by.login, roles: [] };
}
