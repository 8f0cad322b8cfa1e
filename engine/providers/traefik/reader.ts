import { isRecord, list, text } from '../../json.ts';
import { ProblemError } from '../../problems.ts';
import type {
  LoadedMiddleware,
  LoadedRouter,
  LoadedService,
  LoadedStatus,
  ProxyReader,
} from '../../system-ports/index.ts';
import type { TraefikSystem } from '../../types.ts';
import { createHttpClient, type HttpClient } from '../http.ts';

export interface TraefikReader extends ProxyReader {
  close(): Promise<void>;
}

/** Traefik's read API. It asks for no login of its own; null where sentinel.yml names no address of it. */
export function createTraefikReader({ api, ca }: Pick<TraefikSystem, 'api' | 'ca'>): TraefikReader | null {
  if (api === null) return null;
  const base = api.replace(/\/+$/, '').replace(/\/api$/, '');
  const name = `Traefik at ${new URL(base).host}`;
  const client = createHttpClient({ name, base, ca, timeoutMs: 5000 });
  return {
    name,
    async read(signal) {
      const all = (kind: string) => readAll({ client, name, base, kind }, signal);
      // One after the other: when one fails, none is still under way.
      const routers = await all('routers');
      const services = await all('services');
      const middlewares = await all('middlewares');
      return {
        routers: routers.map(parseRouter),
        services: services.map(parseService),
        middlewares: middlewares.map(parseMiddleware),
      };
    },
    async about(signal) {
      const ask = async (path: string): Promise<unknown> => {
        const answer = await client.send({ method: 'GET', path }, signal);
        return answer.status === 200 ? answer.json() : undefined;
      };
      const version = await ask('/api/version');
      const points = await ask('/api/entrypoints');
      return {
        version: isRecord(version) ? text(version['Version']) : null,
        entryPoints: Array.isArray(points)
          ? points.flatMap((point: unknown) => (isRecord(point) ? (text(point['name']) ?? []) : []))
          : null,
      };
    },
    close: () => client.close(),
  };
}

interface Listing {
  readonly client: HttpClient;
  readonly name: string;
  readonly base: string;
  readonly kind: string;
}
type Row = Readonly<Record<string, unknown>>;

/** More than any house has; what is beyond comes on further pages. */
const perPage = 1000;
/** A server that never says it is done is not the one we know. */
const mostPages = 50;

async function readAll({ client, name, base, kind }: Listing, signal: AbortSignal): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let page = 1;
  for (let count = 0; count < mostPages; count += 1) {
    const path = `/api/http/${kind}?per_page=${perPage}&page=${page}`;
    const answer = await client.send({ method: 'GET', path }, signal);
    const body = answer.status === 200 ? answer.json() : undefined;
    if (!Array.isArray(body)) throw refusal({ name, base, status: answer.status });
    rows.push(...body.filter(isRecord));
    // Traefik answers page 1 as the next one after the last.
    const next = Number(answer.headers['x-next-page'] ?? 1);
    if (!Number.isInteger(next) || next <= page) return rows;
    page = next;
  }
  return rows;
}

function refusal({
  name,
  base,
  status,
}: Pick<Listing, 'name' | 'base'> & { readonly status: number }): ProblemError {
  const where = base;
  if (status === 401 || status === 403 || (status >= 300 && status < 400))
    return new ProblemError({
      code: 'system-refused',
      message: `${name} asks for a login for its API (${status}).`,
      where,
      hint: 'Give Sentinel a way to the API without a login, for example an entry point only it can reach.',
    });
  const why = status === 200 ? 'did not answer with a list' : `answered ${status}`;
  return new ProblemError({
    code: status >= 500 ? 'system-unreachable' : 'system-rejected',
    message: `${name} ${why} when asked what it has loaded.`,
    where,
    hint: 'Check that `api` is switched on in Traefik and that its address in sentinel.yml is right.',
  });
}

function parseRouter(row: Row): LoadedRouter {
  const { tls } = row;
  return {
    ...parseShared(row),
    rule: text(row['rule']) ?? '',
    service: text(row['service']) ?? '',
    entryPoints: texts(row['entryPoints']),
    middlewares: texts(row['middlewares']),
    tls: isRecord(tls) ? { certResolver: text(tls['certResolver']) } : null,
  };
}

function parseService(row: Row): LoadedService {
  const balancer = row['loadBalancer'];
  const servers = isRecord(balancer) ? list(balancer['servers']) : [];
  return {
    ...parseShared(row),
    servers: servers.flatMap((server) => (isRecord(server) ? (text(server['url']) ?? []) : [])),
    settings: settingsOf(row),
  };
}

function parseMiddleware(row: Row): LoadedMiddleware {
  return { ...parseShared(row), settings: settingsOf(row) };
}

function parseShared(row: Row): { name: string; status: LoadedStatus; errors: readonly string[] } {
  const status = row['status'];
  return {
    name: text(row['name']) ?? '',
    status: status === 'disabled' || status === 'warning' ? status : 'enabled',
    errors: texts(row['error']),
  };
}

/** What was written for it, by its kind; the rest of the row is about it. */
function settingsOf(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => isRecord(value)));
}

function texts(value: unknown): readonly string[] {
  return list(value).filter((item) => typeof item === 'string');
}
