import type { DeploymentEvent, Proposal } from '../../engine/index.ts';
import { renderApproval, type Moved } from '../render/approval.ts';
import { titleOf } from '../render/title.ts';
import { renderChapter } from '../render/stage.ts';
import { renderInterrupted, type Settled } from '../render/interrupted.ts';
import { renderStory, type Around } from '../render/story.ts';
import { foldStory, type Story } from './fold.ts';
import type { Message, Picture } from '../render/message.ts';
import type { Tale, Telling } from './tale.ts';

/** Where in Discord a link leads. */
export type Link = (channel: string) => string;

export function deploymentKey(deployment: string): string {
  return `deployment:${deployment}`;
}
export function proposalKey(proposal: string): string {
  return `proposal:${proposal}`;
}
export function interruptedKey(deployment: string): string {
  return `interrupted:${deployment}`;
}

/** A deployment's card and thread, from its journal. */
export function deploymentTale(
  deployment: string,
  events: () => readonly DeploymentEvent[],
  show: {
    readonly around: (story: Story, threadId: string | null) => Around;
    /** Of the whole, once it is over. */
    readonly illustrate: (story: Story) => Picture | null;
  },
): Tale {
  return {
    key: deploymentKey(deployment),
    read({ threadId }) {
      const story = foldStory(events());
      if (!story) return null;
      const picture = story.finishedAt === null ? null : show.illustrate(story);
      return {
        card: {
          ...renderStory(story, show.around(story, threadId)),
          ...(picture === null ? {} : { picture }),
        },
        threadName: `${titleOf(story)} · ${deployment}`,
        chapters: chaptersOf(story),
        over: story.finishedAt !== null || story.state === 'interrupted',
      };
    },
  };
}

/** What is delivered is counted by events, so what one event ended is told in one message. */
function chaptersOf(story: Story): Telling['chapters'] {
  const messages = new Map<number, Message>();
  for (const chapter of story.chapters) {
    const message = renderChapter(chapter, story);
    const before = messages.get(chapter.seq);
    messages.set(
      chapter.seq,
      before ? { ...message, ...before, embeds: [...before.embeds, ...message.embeds] } : message,
    );
  }
  return [...messages].map(([seq, message]) => ({ seq, message }));
}

/** A request's card; over as soon as somebody, or time, decided. */
export function proposalTale(
  id: string,
  proposal: () => Proposal | undefined,
  around: (proposal: Proposal) => {
    readonly moved: Moved | null;
    readonly mention: readonly string[];
    /** Of the pipeline a manual job belongs to. */
    readonly pipeline: string | null;
  },
): Tale {
  return {
    key: proposalKey(id),
    read() {
      const now = proposal();
      if (!now) return null;
      const { moved, mention, pipeline } = around(now);
      return {
        card: { ...renderApproval(now, moved, pipeline), mention },
        threadName: titleOf(now),
        chapters: [],
        over: now.state !== 'open' && now.state !== 'pending',
      };
    },
  };
}

/** The question what should become of a deployment that was cut off; over once it is answered. */
export function interruptedTale(
  deployment: string,
  events: () => readonly DeploymentEvent[],
  settled: (story: Story) => Settled | null,
): Tale {
  return {
    key: interruptedKey(deployment),
    read() {
      const story = foldStory(events());
      if (!story) return null;
      const answer = settled(story);
      return {
        card: renderInterrupted(story, answer),
        threadName: titleOf(story),
        chapters: [],
        over: answer !== null,
      };
    },
  };
}

/** Something told once, from memory: it is not worth telling after a restart. */
export function newsTale(key: string, card: Message): Tale {
  return { key, read: () => ({ card, threadName: '', chapters: [], over: true }) };
}
