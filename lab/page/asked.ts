import { FIRST_ANSWER_MS, type LabInteraction } from '../discord/index.ts';
import type { Sight } from './sight.ts';
import type { DialogView, NoticeView } from './view.ts';

/** The last form that was opened for this person, unless it was sent or closed; earlier ones it has replaced. */
export function dialogOf(
  { state, user }: Pick<Sight, 'state' | 'user'>,
  putAway: ReadonlySet<string>,
): DialogView | null {
  const opened = [...state.interactions.values()].findLast(
    ({ userId, modal }) => userId === user.id && modal !== null,
  );
  if (opened?.modal == null || putAway.has(opened.id)) return null;
  const { title, components } = opened.modal;
  return { interaction: opened.id, title, components };
}

/** What Discord says when the bot let the time for a first answer pass. */
export function noticesOf(
  { state, user, channel }: Sight,
  { putAway, now }: { readonly putAway: ReadonlySet<string>; readonly now: number },
): readonly NoticeView[] {
  return [...state.interactions.values()]
    .filter(({ userId, ack, createdAt }) => {
      const unanswered = ack === null && now - createdAt > FIRST_ANSWER_MS;
      return userId === user.id && unanswered;
    })
    .flatMap(({ id, kind, channelId }): readonly NoticeView[] => {
      const words = complaint(kind);
      const mine = words !== null && channel(state.channels.get(channelId)) && !putAway.has(noticeId(id));
      return mine ? [{ id: noticeId(id), channel: channelId, text: words }] : [];
    });
}

function noticeId(interaction: string): string {
  return `unanswered-${interaction}`;
}

function complaint(kind: LabInteraction['kind']): string | null {
  switch (kind) {
    case 'command':
      return 'The application did not respond';
    case 'component':
    case 'modal':
      return 'This interaction failed';
    case 'autocomplete':
      // Told where it was typed.
      return null;
  }
}
