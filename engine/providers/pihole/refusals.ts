import { isRecord, text } from '../../json.ts';
import { type Problem, type ProblemCode, ProblemError } from '../../problems.ts';
import type { HttpAnswer } from '../http.ts';

/** What Pi-hole says in most refusals. */
export interface Refusal {
  readonly key: string;
  readonly message: string;
  readonly hint: string | null;
}

/** Null where it says nothing: refused logins and absent items carry no error. */
export function refusalIn(answer: HttpAnswer): Refusal | null {
  const body = answer.json();
  const error = isRecord(body) ? body['error'] : undefined;
  if (!isRecord(error)) return null;
  return {
    key: text(error['key']) ?? '',
    message: text(error['message']) ?? '',
    hint: text(error['hint']),
  };
}

/** A problem of one Pi-hole, told in one sentence. */
export function piholeError(
  code: ProblemCode,
  name: string,
  { message, hint }: { readonly message: string; readonly hint: string },
): ProblemError {
  return new ProblemError({ code, message: `${name} ${message}.`, where: name, hint });
}

/** Overloaded or restarting: worth another try once it was looked whether the request took effect. */
export function isPassing({ code }: Problem): boolean {
  return code === 'system-unreachable' || code === 'system-busy';
}

const writable = {
  app: 'Turn on webserver.api.app_sudo on the Pi-hole (Settings, expert mode, Web interface / API), or use its normal password.',
  readOnly: 'Set misc.readOnly to false in the configuration file of the Pi-hole.',
  environment: 'Remove FTLCONF_dns_hosts from the environment of the Pi-hole and restart it.',
};

/** Its list of names comes from the environment, so nobody can change it. */
export function forced(name: string): ProblemError {
  return piholeError('system-refused', name, {
    message: 'takes its names from its environment and lets nobody change them',
    hint: writable.environment,
  });
}

export function readOnly(name: string): ProblemError {
  return piholeError('system-refused', name, {
    message: 'is set to read-only, so it would forget every change',
    hint: writable.readOnly,
  });
}

/** What a change was refused with; for all but logins, whose hints may repeat a password. */
export function refusedChange(name: string, what: string, answer: HttpAnswer): ProblemError {
  const refusal = refusalIn(answer);
  if (answer.status === 429 || answer.status >= 500)
    return piholeError('system-busy', name, {
      message: `answered ${answer.status} when asked to ${what}`,
      hint: 'Look at its log; it may be restarting.',
    });
  if (refusal === null || refusal.key === 'not_found') return strange(name, answer);
  if (answer.status === 403)
    return piholeError('system-refused', name, {
      message: `did not allow to ${what}: ${refusal.message}`,
      hint: /app/.test(refusal.hint ?? '') ? writable.app : writable.readOnly,
    });
  if (/environment/.test(refusal.message)) return forced(name);
  const because = [refusal.message, refusal.hint].filter((each) => each !== null && each !== '').join(': ');
  return piholeError('system-rejected', name, {
    message: `did not ${what}: ${because}`,
    hint: 'Check the name and the address in the definition.',
  });
}

/** No Pi-hole of version 6 answers so. */
export function strange(name: string, { status }: HttpAnswer): ProblemError {
  return piholeError('system-rejected', name, {
    message: `answered in a way no Pi-hole does (status ${status})`,
    hint: 'Check that `url` in sentinel.yml is the base address of a Pi-hole of version 6, without /admin.',
  });
}
