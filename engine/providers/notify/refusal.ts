import type { Delivery, SinkName } from '../../notify/index.ts';
import { ProblemError, toProblem, type Problem } from '../../problems.ts';
import type { HttpAnswer } from '../http.ts';

/** A delivery that was not taken, and whether it is worth another try. */
export class Refused extends ProblemError {
  readonly again: boolean;
  /** How long the other side asks to be left alone; null where it does not say. */
  readonly retryAfterMs: number | null;
  constructor(problem: Problem, more: { readonly again: boolean; readonly retryAfterMs: number | null }) {
    super(problem);
    this.name = 'Refused';
    this.again = more.again;
    this.retryAfterMs = more.retryAfterMs;
  }
}

/** All that is ever said about where something was sent. */
export const sinkNames = {
  discord: 'The Discord webhook',
  ntfy: 'The ntfy server',
  webhook: 'The webhook',
} as const satisfies Record<SinkName, string>;

const hints = {
  discord: 'Check in Discord that the webhook still exists, and that the secret with its address is right.',
  ntfy: 'Check systems.ntfy in sentinel.yml: its address, the topic, and that the token may write to it.',
  webhook: 'Check the secrets systems.webhook in sentinel.yml names, and the program behind the address.',
} as const satisfies Record<SinkName, string>;

/** No answer at all. What is thrown below names the address, so only its reason is kept. */
export function unreachable(sink: SinkName, error: unknown): Refused {
  const { code, message } = toProblem(error);
  const known = code === 'system-unreachable' ? message : `${sinkNames[sink]} could not be asked.`;
  return new Refused(
    { code: 'system-unreachable', message: known, hint: hints[sink] },
    { again: code === 'system-unreachable', retryAfterMs: null },
  );
}

/** Null for an answer that means yes. */
export function refusalOf(sink: SinkName, answer: HttpAnswer, now: Date): Refused | null {
  const { status } = answer;
  if (status >= 200 && status < 300) return null;
  const again = status === 429 || status >= 500;
  const code = again
    ? 'system-busy'
    : status === 401 || status === 403
      ? 'system-refused'
      : 'system-rejected';
  const number = errorNumber(answer);
  const message = `${sinkNames[sink]} answered ${status}${number === null ? '' : ` (error ${number})`}${meaning(status)}.`;
  return new Refused(
    { code, message, hint: hints[sink] },
    { again, retryAfterMs: status === 429 || status === 503 ? retryAfterOf(answer, now) : null },
  );
}

export function wrongAddress(sink: SinkName, address: Delivery['address']): Problem {
  const place = 'secret' in address ? `the secret ${address.secret}` : 'systems.ntfy.url';
  return {
    code: 'configuration-invalid',
    message: `${sinkNames[sink]} has no usable address: ${place} holds none.`,
    hint: 'Write a whole address there, beginning with https:// or http://.',
  };
}

function meaning(status: number): string {
  if (status === 429) return ': too many messages';
  if (status === 401 || status === 403) return ': it does not let Sentinel in';
  if (status === 404) return ': there is nothing at that address';
  return status >= 300 && status < 400 ? ': it leads somewhere else, which is not followed' : '';
}

/** Discord and ntfy number their errors; words of theirs could repeat what was sent. */
function errorNumber(answer: HttpAnswer): number | null {
  const body = answer.json();
  const found = typeof body === 'object' && body !== null && 'code' in body ? body.code : null;
  return typeof found === 'number' && found !== 0 ? found : null;
}

/** Discord says it to the millisecond in the body; everybody else in the header, as seconds or as a date. */
function retryAfterOf(answer: HttpAnswer, now: Date): number | null {
  const body = answer.json();
  if (
    typeof body === 'object' &&
    body !== null &&
    'retry_after' in body &&
    typeof body.retry_after === 'number'
  )
    return Math.max(0, Math.ceil(body.retry_after * 1000));
  const header = answer.headers['retry-after'];
  if (typeof header !== 'string') return null;
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
