/** What goes back over the wire. A body of `undefined` is none. */
export interface Reply {
  readonly status: number;
  readonly body?: object;
  /** Sent as it is, where Pi-hole sends no JSON. */
  readonly text?: string;
}

/** Every JSON body carries how long it took. */
export const reply = (status: number, body: object = {}): Reply => ({
  status,
  body: { ...body, took: 0.0012 },
});
/** Almost all refusals. */
export const refusal = (
  status: number,
  key: string,
  { message, hint = null }: { readonly message: string; readonly hint?: string | null },
): Reply => reply(status, { error: { key, message, hint } });
export const noContent: Reply = { status: 204 };
/** An element or a list that is not there: no error, no message. */
export const absent: Reply = reply(404);
export const unauthorized: Reply = refusal(401, 'unauthorized', { message: 'Unauthorized' });
