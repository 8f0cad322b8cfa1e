import type { Log } from '../../engine/index.ts';
import type { Paint } from '../chat.ts';
import type { Picture } from '../render/message.ts';
import type { Story } from '../story/fold.ts';
import { rasterise } from './rasterise.ts';
import { timelinePicture } from './timeline-picture.ts';

/** Draws pictures of messages. A picture is never worth a message: where drawing fails, it is left out. */
export function createPaint(log: Log, draw: (svg: string) => Promise<Uint8Array> = rasterise): Paint {
  return async ({ name, svg }) => {
    try {
      return await draw(svg);
    } catch (error) {
      log.warn({ err: error, name }, 'a picture could not be drawn; its message goes without it');
      return null;
    }
  };
}

/** The timeline of a deployment of several services; as little worth a card as any other picture. */
export function createIllustrate(log: Log): (story: Story) => Picture | null {
  return (story) => {
    try {
      return timelinePicture(story);
    } catch (error) {
      log.warn({ err: error, deployment: story.deployment }, 'no timeline could be made of a deployment');
      return null;
    }
  };
}
