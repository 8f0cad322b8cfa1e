/** Everything a button, a list or a dialogue can ask for. What it means is in SQLite; they carry ids only. */
export const actions = [
  'deploy',
  'request-approval',
  'full-diff',
  'show-request',
  'approve',
  'reject',
  'abort',
  'refresh',
  'confirm-delete',
  'rollback',
  'finish',
  'unwind',
  'put-back',
  'keep',
] as const;
export type Action = (typeof actions)[number];

/** `id` is a proposal, a deployment or, for the buttons of a status, what was looked at. */
export interface Press {
  readonly action: Action;
  readonly id: string;
}

export function customId(action: Action, id: string): string {
  return `${action}:${id}`;
}

/** Null for ids of another bot or an older version. */
export function parseCustomId(text: string): Press | null {
  const split = text.indexOf(':');
  const action = actions.find((known) => known === text.slice(0, Math.max(0, split)));
  return action === undefined ? null : { action, id: text.slice(split + 1) };
}
