import type { Kind } from './kind.ts';
import { others, statuses } from './kinds-answers.ts';
import { pipelines } from './kinds-pipelines.ts';
import { plans } from './kinds-plans.ts';
import { requests } from './kinds-requests.ts';
import { stories } from './kinds-stories.ts';
import { timelines } from './kinds-timeline.ts';

export type { Kind } from './kind.ts';
export { now } from './kind.ts';
export { toGallery, toView } from './to-view.ts';

/** Every kind of message the bot sends, in the order in which people meet them. */
export const kinds: readonly Kind[] = [
  ...plans,
  ...requests,
  ...stories,
  ...timelines,
  ...pipelines,
  ...statuses,
  ...others,
];
