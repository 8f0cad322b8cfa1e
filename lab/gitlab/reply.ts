/** What goes back over the wire. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON; or … */
  readonly body?: unknown;
  /** … as it is. */
  readonly raw?: { readonly type: string; readonly content: Buffer | string };
}
/** A request GitLab refuses, with its own words. */
export class Refusal extends Error {
  readonly reply: Reply;
  constructor(reply: Reply) {
    super(`refused with ${reply.status}`);
    this.name = 'Refusal';
    this.reply = reply;
  }
}

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const created = (body: unknown): Reply => ({ status: 201, body });
export const noContent: Reply = { status: 204 };
/** `{"message": …}` is how the application refuses; `{"error": …}` is a parameter that was not given. */
export const refuse = (status: number, message: unknown): Refusal =>
  new Refusal({ status, body: { message } });
export const badParameter = (error: string): Refusal => new Refusal({ status: 400, body: { error } });
export const unauthorized = (): Refusal => refuse(401, '401 Unauthorized');
export const forbidden = (why?: string): Refusal =>
  refuse(403, why === undefined ? '403 Forbidden' : `403 Forbidden - ${why}`);
export const notFound = (what: string): Refusal => refuse(404, `404 ${what} Not Found`);

/** A limit that was met: plain text, unlike everything else. */
export function rateLimited(seconds = 1): Reply {
  const reset = Math.ceil(Date.now() / 1000) + seconds;
  return {
    status: 429,
    headers: {
      'retry-after': String(seconds),
      'ratelimit-limit': '600',
      'ratelimit-observed': '601',
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(reset),
      'ratelimit-name': 'throttle_authenticated_api',
    },
    raw: { type: 'text/plain', content: 'Retry later\n' },
  };
}
