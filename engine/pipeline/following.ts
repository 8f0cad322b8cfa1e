import type { EngineContext } from '../context.ts';
import type { Happening } from '../events.ts';
import type { Pipelines } from '../forge-port.ts';
import type { Guard } from '../guard.ts';
import type { Log, Source } from '../ports.ts';
import { createStory, type Story } from '../story.ts';
import type { DeploymentRecord } from '../types.ts';
import { learn, nothingKnown, type Known } from './known.ts';
import { createWaker, type Waker } from './waker.ts';

export type Followed = Omit<DeploymentRecord, 'finishedAt' | 'outcome'>;

/** One deployment whose work a pipeline does. */
export interface Following {
  readonly record: Followed;
  readonly source: Source;
  readonly pipelines: Pipelines;
  readonly guard: Guard | null;
  readonly story: Story;
  /** What was told so far. */
  readonly known: () => Known;
  readonly waker: Waker;
  /** A person stopped it. */
  readonly abort: AbortController;
  /** We stop following it; the pipeline goes on by itself. */
  readonly detached: AbortController;
  /** Requests about its manual jobs that are being played right now. */
  readonly playing: Set<string>;
  readonly log: Log;
}

/** Where the pipeline of a repository that has some is followed. */
export function createFollowing(
  context: EngineContext,
  {
    record,
    source,
    pipelines,
    guard,
    told = [],
  }: {
    readonly record: Followed;
    readonly source: Source;
    readonly pipelines: Pipelines;
    readonly guard: Guard | null;
    /** What its story already holds. */
    readonly told?: readonly Happening[];
  },
): Following {
  const abort = new AbortController();
  const detached = new AbortController();
  const waker = createWaker(context.clock);
  let known = told.reduce(learn, nothingKnown);
  if (known.aborting) abort.abort();
  abort.signal.addEventListener('abort', () => waker.wake());
  const story = createStory({
    deployment: record.id,
    firstSeq: told.length + 1,
    now: () => context.clock.now(),
    emit: context.emit,
    onBroken: () => abort.abort(),
  });
  return {
    ...{ record, source, pipelines, guard, waker, abort, detached },
    known: () => known,
    story: {
      get broken() {
        return story.broken;
      },
      tell(happening) {
        story.tell(happening);
        known = learn(known, happening);
      },
    },
    playing: new Set(),
    log: context.log.child({ deployment: record.id, project: pipelines.project }),
  };
}

/** Whether we no longer follow it; asked anew each time. */
export const isDetached = ({ detached }: Pick<Following, 'detached'>): boolean => detached.signal.aborted;

/** How following came to its end. */
export type Ending =
  | (Pick<Extract<Happening, { type: 'finished' }>, 'outcome' | 'services' | 'problem'> & {
      readonly kind: 'finished';
    })
  /** Nothing shows that it ever began. */
  | { readonly kind: 'interrupted' }
  /** It goes on without us. */
  | { readonly kind: 'detached' };
