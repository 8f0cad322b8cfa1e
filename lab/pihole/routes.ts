import type { Configuration } from './configuration.ts';
import { absent, type Reply, refusal, reply, unauthorized } from './reply.ts';
import type { Sessions } from './sessions.ts';

export interface PiholeRequest {
  readonly method: string;
  /** Behind `/api`, each part decoded. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly sid: string | undefined;
  readonly body: unknown;
}
export interface Routed {
  /** Its template in the description; null: no such route. */
  readonly template: string | null;
  readonly answer: () => Reply | Promise<Reply>;
}
export interface Parts {
  readonly sessions: Sessions;
  readonly configuration: Configuration;
}

/** Only what is used and known; anything else is a mistake of whoever asks. */
export function route(request: PiholeRequest, { sessions, configuration }: Parts): Routed {
  const { method, parts, query, sid, body } = request;
  const [first, ...rest] = parts;
  if (first === 'auth' && rest.length === 0 && method === 'POST')
    return { template: '/auth', answer: () => sessions.login(body) };
  if (first === 'auth' && rest.length === 0 && method === 'DELETE')
    return { template: '/auth', answer: () => sessions.logout(sid) };
  if (first === 'info' && rest[0] === 'login' && method === 'GET')
    return { template: '/info/login', answer: () => reply(200, { dns: true, https_port: 443 }) };
  if (first !== 'config') return nowhere(request);
  const access = sessions.access(sid);
  const guarded = (answer: Routed['answer']) => (access === 'none' ? () => unauthorized : answer);
  const element = rest.slice(0, 2).join('/');
  const value = rest[2] ?? '';
  if (method === 'GET')
    return {
      template: '/config/{element}',
      answer: guarded(() => configuration.read(rest.join('/'), query.get('detailed') === 'true')),
    };
  if (method !== 'PUT' && method !== 'DELETE') return nowhere(request);
  // A slash inside the value, also an encoded one, makes one part too many.
  if (rest.length !== 3) return { template: '/config/{element}/{value}', answer: guarded(() => absent) };
  return {
    template: '/config/{element}/{value}',
    answer: guarded(() =>
      method === 'PUT'
        ? configuration.add(element, value, access)
        : configuration.remove(element, value, access),
    ),
  };
}

function nowhere({ parts }: PiholeRequest): Routed {
  return {
    template: null,
    answer: () => refusal(404, 'not_found', { message: 'Not found', hint: `/api/${parts.join('/')}` }),
  };
}
