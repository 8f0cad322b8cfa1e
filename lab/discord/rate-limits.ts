import { createHash } from 'node:crypto';
import type { Route } from './rest/route.ts';
import type { World } from './world.ts';

export interface Limit {
  readonly limit: number;
  readonly windowMs: number;
}
export interface LimitSettings {
  /** `METHOD template` → its bucket; for one channel, guild or webhook each. */
  readonly routes: Readonly<Record<string, Limit>>;
  readonly otherRoutes: Limit;
  readonly global: Limit;
  /** Edits of messages older than an hour, for each channel (30046). */
  readonly oldEdits: Limit;
}

/** As strict as Discord is seen to be; a test may loosen or tighten it. */
export const usualLimits: LimitSettings = {
  routes: {
    'POST /channels/{channel_id}/messages': { limit: 5, windowMs: 5000 },
    'PATCH /channels/{channel_id}/messages/{message_id}': { limit: 5, windowMs: 5000 },
    'POST /webhooks/{webhook_id}/{webhook_token}': { limit: 5, windowMs: 2000 },
    'PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original': { limit: 5, windowMs: 2000 },
    'PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me': {
      limit: 1,
      windowMs: 250,
    },
  },
  otherRoutes: { limit: 20, windowMs: 1000 },
  global: { limit: 50, windowMs: 1000 },
  oldEdits: { limit: 3, windowMs: 60_000 },
};

export interface Verdict {
  readonly headers: Readonly<Record<string, string>>;
  /** What to answer instead, when the limit is used up. */
  readonly refused?: { readonly scope: string; readonly body: object; readonly retryAfter: number };
}
export type RateLimiter = (route: Route, params: ReadonlyMap<string, string>) => Verdict;

const MAJOR = ['channel_id', 'guild_id', 'webhook_id', 'webhook_token'];
const HOUR = 3_600_000;
const EDIT = 'PATCH /channels/{channel_id}/messages/{message_id}';

/** Fixed windows for each route and major parameter, one for the whole bot, one for old messages. */
export function createRateLimiter(world: World, settings: LimitSettings): RateLimiter {
  const windows = new Map<string, { left: number; until: number }>();

  const take = (key: string, { limit, windowMs }: Limit) => {
    const now = world.clock.now();
    const held = windows.get(key);
    const window = held !== undefined && held.until > now ? held : { left: limit, until: now + windowMs };
    windows.set(key, window);
    const allowed = window.left > 0;
    if (allowed) window.left -= 1;
    return { allowed, left: window.left, resetAfter: (window.until - now) / 1000 };
  };

  const refusal = (scope: string, retryAfter: number, extra: object = {}) => {
    const body = {
      message: 'You are being rate limited.',
      code: 0,
      retry_after: retryAfter,
      global: scope === 'global',
      ...extra,
    };
    return { scope, retryAfter, body };
  };

  return (route, params) => {
    const key = `${route.method} ${route.template}`;
    if (route.template.startsWith('/interactions/')) return { headers: {} };
    if (route.exempt !== true) {
      const global = take('global', settings.global);
      if (!global.allowed) return { headers: {}, refused: refusal('global', global.resetAfter) };
    }
    const major = MAJOR.map((name) => params.get(name) ?? '').join(':');
    const limit = settings.routes[key] ?? settings.otherRoutes;
    const bucket = take(`${key} ${major}`, limit);
    const headers = {
      'x-ratelimit-limit': String(limit.limit),
      'x-ratelimit-remaining': String(bucket.left),
      'x-ratelimit-reset': String(world.clock.now() / 1000 + bucket.resetAfter),
      'x-ratelimit-reset-after': bucket.resetAfter.toFixed(3),
      'x-ratelimit-bucket': createHash('sha256').update(key).digest('hex').slice(0, 32),
    };
    if (!bucket.allowed) return { headers, refused: refusal('user', bucket.resetAfter) };
    const message = key === EDIT ? world.state.messages.get(params.get('message_id') ?? '') : undefined;
    if (message === undefined || world.clock.now() - message.createdAt <= HOUR) return { headers };
    const old = take(`old ${message.channelId}`, settings.oldEdits);
    if (old.allowed) return { headers };
    const text = 'Maximum number of edits to messages older than 1 hour reached. Try again later.';
    return { headers, refused: refusal('user', old.resetAfter, { code: 30046, message: text }) };
  };
}
