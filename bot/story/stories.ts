import type { OpenStore } from '../../data/index.ts';
import type {
  Actor,
  Decision,
  DeploymentEvent,
  DeploymentRecord,
  Engine,
  Proposal,
} from '../../engine/index.ts';
import type { Moved } from '../render/approval.ts';
import type { Settled } from '../render/interrupted.ts';
import type { Picture } from '../render/message.ts';
import { foldStory, type Story } from './fold.ts';
import {
  deploymentKey,
  deploymentTale,
  interruptedKey,
  interruptedTale,
  proposalKey,
  proposalTale,
  type Link,
} from './tales.ts';
import type { Teller } from './teller.ts';

/** What the rest of the bot asks to be told in the channel. Returns at once; Discord may be away. */
export interface Stories {
  /** An engine watcher: every event is news of its deployment. */
  onEvent(event: DeploymentEvent): void;
  /** A request that waits gets a card; one that has a card gets it brought up to date. */
  proposal(proposal: Proposal): void;
  stale(decision: Decision & { readonly kind: 'stale' }): void;
  interrupted(deployment: string): void;
  /** After a start: everything that is not told to its end goes on. */
  resume(): void;
  /** Where the card of a deployment or proposal is, once it is posted. */
  whereIs(key: string, ms: number): Promise<string | null>;
}

export interface StoriesParts {
  readonly teller: Teller;
  readonly engine: Pick<Engine, 'proposal' | 'pending'>;
  readonly store: Pick<OpenStore, 'journal' | 'deployments' | 'messages' | 'getMeta' | 'setMeta'>;
  readonly link: Link;
  /** Roles a request calls. */
  readonly approvers: (proposal: Proposal) => readonly string[];
  /** A picture of one that is over; null where it needs none. */
  readonly illustrate: (story: Story) => Picture | null;
}

/** How long a card may take to be posted before nobody waits for its address. */
const cardMs = 60_000;

export function createStories({ teller, engine, store, link, approvers, illustrate }: StoriesParts): Stories {
  const { messages, journal } = store;

  function deployment(id: string): void {
    teller.tell(
      deploymentTale(id, () => journal.events(id), {
        illustrate,
        around: (story, thread) => ({
          thread: thread === null ? null : link(thread),
          approvers: votedFor(story).flatMap((proposal) => yesTo(engine.proposal(proposal))),
          newest: alike(story).at(0)?.id === id,
          cardOf: (request) => whereAbout(proposalKey(request)),
        }),
      }),
    );
  }
  function proposal(id: string): void {
    teller.tell(
      proposalTale(
        id,
        () => engine.proposal(id),
        (now) => ({
          moved: parseMoved(store.getMeta(movedKey(id))),
          mention: approvers(now),
          pipeline: pipelineOf(now),
        }),
      ),
    );
  }
  /** Asked once for each deployment. */
  function offer(id: string): void {
    if (messages.get(interruptedKey(id))?.final === true) return;
    reopen(interruptedKey(id));
    interrupted(id);
    deployment(id);
  }
  function interrupted(id: string): void {
    teller.tell(
      interruptedTale(
        id,
        () => journal.events(id),
        (story) => settledBy(story, alike(story)),
      ),
    );
  }
  function whereAbout(key: string): string | null {
    const { channelId = null, messageId = null } = messages.get(key) ?? {};
    return channelId === null || messageId === null ? null : `${link(channelId)}/${messageId}`;
  }
  function pipelineOf({ request }: Proposal): string | null {
    if (request.kind !== 'gate') return null;
    return foldStory(journal.events(request.deployment))?.pipeline?.summary?.url ?? null;
  }
  /** A manual job waits, or waits no more: the request about it is told, or brought up to date. */
  function gates(followed: string): void {
    const asked = foldStory(journal.events(followed))?.pipeline?.gates ?? [];
    for (const { proposal: id } of asked) {
      const request = id === null ? undefined : engine.proposal(id);
      if (request === undefined) continue;
      news(request);
      // once its card is there, the one of the deployment leads to it
      if (request.state === 'pending')
        void teller.posted(proposalKey(request.id), cardMs).then(
          (card) => card !== null && deployment(followed),
          () => undefined, // the bot ends; the next start tells it
        );
    }
  }
  /** Deployments of the services of this one in its environment, newest first. */
  function alike({ plan }: Pick<Story, 'plan'>): readonly DeploymentRecord[] {
    const names = plan.services.filter(({ action }) => action !== 'none').map(({ name }) => name);
    return names
      .flatMap((name) => store.deployments.ofService(name, 20))
      .filter((record) => record.plan.environment === plan.environment)
      .toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0));
  }
  /** The card before no longer offers to roll back. */
  function outdate(event: DeploymentEvent & { readonly type: 'started' }): void {
    const before = alike(event).find(({ id }) => id !== event.deployment);
    if (before === undefined || messages.get(deploymentKey(before.id))?.final !== true) return;
    reopen(deploymentKey(before.id));
    deployment(before.id);
  }
  function askAgain(): void {
    for (const { key } of messages.unfinished()) {
      const id = key.slice(key.indexOf(':') + 1);
      if (key === interruptedKey(id)) interrupted(id);
    }
  }
  /** Noted before anything is sent, so that a stop in between forgets nothing. */
  function reopen(key: string): void {
    messages.put(key, { final: false });
  }

  function news(request: Proposal): void {
    const known = messages.get(proposalKey(request.id));
    if (!known && request.state !== 'pending') return;
    if (known?.final !== false) reopen(proposalKey(request.id));
    proposal(request.id);
  }

  return {
    onEvent(event) {
      if (messages.get(deploymentKey(event.deployment))?.final !== false)
        reopen(deploymentKey(event.deployment));
      deployment(event.deployment);
      if (event.type === 'started' && event.proposal !== null && messages.get(proposalKey(event.proposal)))
        proposal(event.proposal);
      if (event.type === 'started') outdate(event);
      if (event.type === 'gate' || event.type === 'job-played' || event.type === 'finished')
        gates(event.deployment);
      if (event.type === 'finished') askAgain();
      // A pipeline may turn out to be cut off only when somebody looks for it.
      if (event.type === 'interrupted') offer(event.deployment);
    },
    proposal: news,
    stale({ proposal: old, moved, next }) {
      const kept: Moved = { moved, next: next.ok ? next.value.id : null };
      store.setMeta(movedKey(old.id), JSON.stringify(kept));
      news(old);
    },
    interrupted: offer,
    resume() {
      for (const { key } of messages.unfinished()) {
        const id = key.slice(key.indexOf(':') + 1);
        if (key === deploymentKey(id)) deployment(id);
        else if (key === proposalKey(id)) proposal(id);
        else if (key === interruptedKey(id)) interrupted(id);
      }
      for (const pending of engine.pending()) news(pending);
      for (const { id } of store.deployments.recent(50)) if (!messages.get(deploymentKey(id))) deployment(id);
    },
    async whereIs(key, ms) {
      await teller.posted(key, ms);
      return whereAbout(key);
    },
  };
}

/** The requests whose voters agreed to it: its own, and those of its manual jobs. */
function votedFor({ proposal, pipeline }: Story): readonly string[] {
  return [proposal, ...(pipeline?.gates ?? []).map((gate) => gate.proposal)].flatMap((id) => id ?? []);
}

function yesTo(proposal: Proposal | undefined): readonly Actor[] {
  return (proposal?.votes ?? []).filter(({ verdict }) => verdict === 'approve').map(({ by }) => by);
}

/** Pure: the later deployment that ended well and so answered what should become of this one. */
function settledBy(story: Story, newestFirst: readonly DeploymentRecord[]): Settled | null {
  const later = newestFirst.findLast(
    ({ id, startedAt, outcome }) =>
      id !== story.deployment &&
      startedAt >= story.startedAt &&
      (outcome === 'succeeded' || outcome === 'degraded'),
  );
  if (later === undefined) return null;
  const undone = later.request.kind === 'unwind' || later.request.kind === 'rollback';
  return { how: undone ? 'undone' : 'finished', deployment: later.id };
}

function movedKey(proposal: string): string {
  return `moved:${proposal}`;
}

function parseMoved(text: string | undefined): Moved | null {
  if (text === undefined) return null;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('moved' in value) || !Array.isArray(value.moved))
    return null;
  const moved = value.moved.filter((line): line is string => typeof line === 'string');
  return { moved, next: 'next' in value && typeof value.next === 'string' ? value.next : null };
}
