import type {
  Actor,
  DeploymentEvent,
  Outcome,
  Phase,
  Plan,
  Problem,
  Request,
  StageName,
  Step,
} from '../../engine/index.ts';
import { foldPipeline, type PipelineChapter, type PipelineView } from './fold-pipeline.ts';

/** A deployment as people follow it, folded from its journal and nothing else. */
export interface Story {
  readonly deployment: string;
  readonly plan: Plan;
  readonly request: Request;
  readonly actor: Actor;
  readonly proposal: string | null;
  /** Who asked for a stop; Sentinel itself when it was shut down. */
  readonly abortedBy: Actor | null;
  readonly approvedBy: readonly string[];
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly state: Outcome | 'running' | 'aborting' | 'interrupted';
  readonly services: Readonly<Record<string, Outcome>>;
  readonly problem: Problem | null;
  /** Empty where a pipeline does the work. */
  readonly stages: readonly StageView[];
  /** Null where this engine does the work. */
  readonly pipeline: PipelineView | null;
  /** What goes to the thread, in the order in which it ended. */
  readonly chapters: readonly Chapter[];
  /** Highest event seen. */
  readonly seq: number;
}
/** All steps of one stage of one service, on the way forward or back. */
export interface StageView {
  readonly service: string;
  readonly stage: StageName;
  readonly phase: Phase;
  readonly systems: readonly string[];
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly steps: readonly StepView[];
}
export interface StepView {
  readonly step: Step;
  readonly state: StageView['state'];
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly did: readonly string[];
  readonly problem: Problem | null;
  readonly because: string | null;
}
export type Chapter = PipelineChapter | OwnChapter;
type OwnChapter = { readonly seq: number } & (
  | { readonly kind: 'stage'; readonly stage: StageView }
  | { readonly kind: 'unwinding'; readonly service: string; readonly because: Problem }
  | { readonly kind: 'git'; readonly event: DeploymentEvent & { readonly type: 'git' } }
  | { readonly kind: 'abort'; readonly by: Actor }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'end' }
);

/** Null before the first event is there. */
export function foldStory(events: readonly DeploymentEvent[]): Story | null {
  const first = events.find((event) => event.type === 'started');
  if (first?.type !== 'started') return null;
  const pipeline = isByPipeline(first.request, events) ? foldPipeline(events) : null;
  const progress = foldSteps(pipeline === null ? first.plan.steps : [], events);
  const end = endOf(events);
  return {
    ...{ deployment: first.deployment, plan: first.plan, request: first.request, actor: first.actor },
    proposal: first.proposal,
    abortedBy: aborter(events),
    approvedBy: first.approvedBy,
    startedAt: first.at,
    ...(end ?? { finishedAt: null, state: stateOf(events), services: {}, problem: null }),
    stages: progress.stages(end === null),
    pipeline: pipeline?.view ?? null,
    chapters: inOrder([...progress.chapters, ...(pipeline?.chapters ?? [])]),
    seq: events.at(-1)?.seq ?? first.seq,
  };
}

function endOf(
  events: readonly DeploymentEvent[],
): Pick<Story, 'finishedAt' | 'state' | 'services' | 'problem'> | null {
  const end = events.findLast((event) => event.type === 'finished');
  if (end?.type !== 'finished') return null;
  return { finishedAt: end.at, state: end.outcome, services: end.services, problem: end.problem };
}

function inOrder(chapters: readonly Chapter[]): readonly Chapter[] {
  return chapters.toSorted((a, b) => a.seq - b.seq);
}

/** Whether a pipeline does the work, told from what happened, and before anything did, from what was asked for. */
function isByPipeline({ kind, route }: Request, events: readonly DeploymentEvent[]): boolean {
  if (kind === 'pipeline' || events.some(({ type }) => type === 'pipeline')) return true;
  if (events.some(({ type }) => type === 'step-started' || type === 'step-skipped')) return false;
  const missing = events.some(
    (event) => event.type === 'finished' && event.problem?.code === 'pipeline-missing',
  );
  return missing || (route === 'pipeline' && kind !== 'unwind');
}

function aborter(events: readonly DeploymentEvent[]): Actor | null {
  const abort = events.find((event) => event.type === 'abort-requested');
  return abort?.type === 'abort-requested' ? abort.actor : null;
}

function stateOf(events: readonly DeploymentEvent[]): 'running' | 'aborting' | 'interrupted' {
  if (events.some(({ type }) => type === 'interrupted')) return 'interrupted';
  return events.some(({ type }) => type === 'abort-requested') ? 'aborting' : 'running';
}

type Known = StepView & { readonly phase: Phase };

function foldSteps(
  forward: readonly Step[],
  events: readonly DeploymentEvent[],
): { readonly chapters: readonly Chapter[]; stages(running: boolean): readonly StageView[] } {
  const chapters: Chapter[] = [];
  const steps = new Map<string, Known>();
  const told = new Set<string>();
  expect(forward, 'forward');
  for (const event of events) take(event);
  return {
    chapters,
    stages: (running) => [...groupsOf(steps.values()).values()].map((group) => stageOf(group, running)),
  };

  function take(event: DeploymentEvent): void {
    const { seq } = event;
    if (event.type === 'step-started') change(event, { state: 'running', startedAt: event.at });
    else if (event.type === 'step-done') settle(event, { state: 'done', did: event.did });
    else if (event.type === 'step-failed') settle(event, { state: 'failed', problem: event.problem });
    else if (event.type === 'step-skipped') settle(event, { state: 'skipped', because: event.because });
    else if (event.type === 'unwinding') {
      expect(event.steps, 'unwind');
      chapters.push({ seq, kind: 'unwinding', service: event.service, because: event.because });
    } else if (event.type === 'git') {
      // That it is about to leave is for who has to recover, not for who reads along.
      if (event.action !== 'pushing') chapters.push({ seq, kind: 'git', event });
    } else if (event.type === 'abort-requested') chapters.push({ seq, kind: 'abort', by: event.actor });
    else if (event.type === 'interrupted') chapters.push({ seq, kind: 'interrupted' });
    else if (event.type === 'finished') chapters.push({ seq, kind: 'end' });
  }

  function expect(expected: readonly Step[], phase: Phase): void {
    for (const step of expected)
      steps.set(`${phase} ${step.id}`, {
        ...{ step, phase, state: 'waiting', startedAt: null, endedAt: null },
        ...{ did: [], problem: null, because: null },
      });
  }

  function change(
    event: { readonly step: string; readonly phase: Phase },
    to: Partial<StepView>,
  ): Known | undefined {
    const key = `${event.phase} ${event.step}`;
    const step = steps.get(key);
    if (!step) return undefined;
    steps.set(key, { ...step, ...to });
    return steps.get(key);
  }

  /** The event that ends the last step of a stage ends the stage. */
  function settle(
    event: { readonly step: string; readonly phase: Phase; readonly at: string; readonly seq: number },
    to: Partial<StepView>,
  ): void {
    const ended = change(event, { ...to, endedAt: event.at });
    if (!ended) return;
    const group = groupOf(ended);
    const stage = stageOf(groupsOf(steps.values()).get(group) ?? [], true);
    if (stage.endedAt === null || stage.state === 'skipped' || told.has(group)) return;
    told.add(group);
    chapters.push({ seq: event.seq, kind: 'stage', stage });
  }
}

function groupsOf(steps: Iterable<Known>): ReadonlyMap<string, readonly Known[]> {
  const groups = new Map<string, Known[]>();
  for (const step of steps) {
    const group = groups.get(groupOf(step));
    if (group) group.push(step);
    else groups.set(groupOf(step), [step]);
  }
  return groups;
}

function groupOf({ phase, step }: { readonly phase: Phase; readonly step: Step }): string {
  return `${phase} ${step.service} ${step.stage}`;
}

/** What still waits when a deployment is over will not happen: it counts as skipped. */
function stageOf(steps: readonly Known[], running: boolean): StageView {
  const [first] = steps;
  if (!first) throw new Error('a stage without steps');
  const has = (state: StageView['state']): boolean => steps.some((step) => step.state === state);
  const over = steps.every(({ endedAt }) => endedAt !== null);
  const begun = steps.flatMap(({ startedAt }) => startedAt ?? []).toSorted();
  const ended = steps.flatMap(({ endedAt }) => endedAt ?? []).toSorted();
  const settled = has('failed') ? 'failed' : has('done') ? 'done' : 'skipped';
  const unsettled = begun.length > 0 ? 'running' : running ? 'waiting' : 'skipped';
  return {
    ...{ service: first.step.service, stage: first.step.stage, phase: first.phase },
    systems: [...new Set(steps.map(({ step }) => step.system))],
    state: over ? settled : unsettled,
    startedAt: begun[0] ?? null,
    endedAt: over ? (ended.at(-1) ?? null) : null,
    steps,
  };
}
