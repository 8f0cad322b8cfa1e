import type { DeploymentEvent, Proposal } from '../../engine/index.ts';
import { renderApproval, type Moved } from '../render/approval.ts';
import { titleOf } from '../render/proposal.ts';
import { renderChapter } from '../render/stage.ts';
import { renderInterrupted, type Settled } from '../render/interrupted.ts';
import { renderStory, type Around } from '../render/story.ts';
import { foldStory, type Story } from './fold.ts';
import type { Message } from '../render/message.ts';
import type { Tale } from './tale.ts';

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
  around: (story: Story, threadId: string | null) => Around,
): Tale {
  return {
    key: deploymentKey(deployment),
    read({ threadId }) {
      const story = foldStory(events());
      if (!story) return null;
      return {
        card: renderStory(story, around(story, threadId)),
        threadName: `${titleOf(story)} · ${deployment}`,
        chapters: story.chapters.map((chapter) => ({
          seq: chapter.seq,
          message: renderChapter(chapter, story),
        })),
        over: story.finishedAt !== null || story.state === 'interrupted',
      };
    },
  };
}

/** A request's card; over as soon as somebody, or time, decided. */
export function proposalTale(
  id: string,
  proposal: () => Proposal | undefined,
  around: (proposal: Proposal) => { readonly moved: Moved | null; readonly mention: readonly string[] },
): Tale {
  return {
    key: proposalKey(id),
    read() {
      const now = proposal();
      if (!now) return null;
      const { moved, mention } = around(now);
      return {
        card: { ...renderApproval(now, moved), mention },
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
