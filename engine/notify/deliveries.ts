import type { NotifyTargets, NotifyWish } from '../types.ts';
import { partOf, type Announcement } from './announcement.ts';
import { discordBody, ntfyBody, webhookBody } from './bodies.ts';
import type { Delivery } from './notifier.ts';

export interface DeliveriesInput {
  readonly announcement: Announcement;
  readonly targets: NotifyTargets;
  readonly wishes: ReadonlyMap<string, NotifyWish>;
}
export interface Deliveries {
  readonly deliveries: readonly Delivery[];
  /** Services that want to be told on ntfy where sentinel.yml names none. */
  readonly withoutNtfy: readonly string[];
}

/** Pure: who is told what. A service that is not of the scope any more is told where nothing was ever wished for. */
export function deliveriesOf({ announcement, targets, wishes }: DeliveriesInput): Deliveries {
  const names = announcement.services.map(({ name }) => name);
  const topics = names.flatMap((name) => {
    const wish = wishes.get(name)?.ntfy ?? null;
    return wish === null ? [] : [{ name, topic: wish.topic ?? targets.ntfy?.topic ?? '' }];
  });
  return {
    deliveries: [
      ...toDiscord(
        announcement,
        targets,
        new Set(names.filter((name) => wishes.get(name)?.discord !== false)),
      ),
      ...toNtfy(announcement, targets, names.length > 0 ? topics : everybody(targets)),
      ...toWebhook(announcement, targets),
    ],
    withoutNtfy: targets.ntfy === null ? topics.map(({ name }) => name) : [],
  };
}

/** What no service is known of, such as a pipeline that failed early, is told where sentinel.yml says. */
function everybody({ ntfy }: NotifyTargets): readonly { readonly name: string; readonly topic: string }[] {
  return ntfy === null ? [] : [{ name: '', topic: ntfy.topic }];
}

function toDiscord(
  announcement: Announcement,
  { discord }: NotifyTargets,
  names: ReadonlySet<string>,
): readonly Delivery[] {
  const part = partOf(announcement, names);
  if (discord === null || part === null) return [];
  return [{ sink: 'discord', address: { secret: discord.webhook }, token: null, body: discordBody(part) }];
}

/** One message for each topic, about the services that are told there. */
function toNtfy(
  announcement: Announcement,
  { ntfy }: NotifyTargets,
  topics: readonly { readonly name: string; readonly topic: string }[],
): readonly Delivery[] {
  if (ntfy === null) return [];
  return [...new Set(topics.map(({ topic }) => topic))].flatMap((topic) => {
    const names = topics.filter((each) => each.topic === topic).map(({ name }) => name);
    const part = partOf(announcement, new Set(names));
    if (part === null) return [];
    const body = ntfyBody(part, topic);
    return [{ sink: 'ntfy', address: { url: ntfy.url }, token: ntfy.token, body } as const];
  });
}

function toWebhook(announcement: Announcement, { webhook }: NotifyTargets): readonly Delivery[] {
  if (webhook === null) return [];
  const body = webhookBody(announcement);
  return [{ sink: 'webhook', address: { secret: webhook.url }, token: webhook.token, body }];
}
