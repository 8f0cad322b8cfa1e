import { isRecord, text } from '../../engine/json.ts';
import { plain, type Runtime, texts } from './runtime.ts';
import type { Answered, Asking } from './visit.ts';

/** Goes on to what comes next; what it answers may still be changed. */
export type Next = (asking: Asking) => Promise<Answered>;
type Settings = Readonly<Record<string, unknown>>;

/** Puts the middlewares of a router in front of its service, the first one outermost. */
export function through(names: readonly string[], runtime: Runtime, last: Next): Next {
  return names.reduceRight<Next>((next, name) => {
    const written = runtime.middlewares.find((one) => one.name === plain(name))?.written ?? {};
    const [kind = '', settings] = Object.entries(written)[0] ?? [];
    return applied(kind, isRecord(settings) ? settings : {}, { runtime, next });
  }, last);
}

/** Kinds the stand-in does not act on let everything pass. */
function applied(
  kind: string,
  settings: Settings,
  { runtime, next }: { readonly runtime: Runtime; readonly next: Next },
): Next {
  switch (kind) {
    case 'chain':
      return through(texts(settings['middlewares']), runtime, next);
    case 'headers':
      return (asking) => headers(settings, asking, next);
    case 'forwardAuth':
      return (asking) => forwardAuth(settings, asking, next);
    case 'redirectScheme':
      return (asking) => redirectScheme(settings, asking, next);
    default:
      return next;
  }
}

async function headers(settings: Settings, asking: Asking, next: Next): Promise<Answered> {
  const answered = await next(asking);
  const changed: Record<string, string | readonly string[]> = { ...answered.headers };
  const seconds = settings['stsSeconds'];
  if (settings['frameDeny'] === true) changed['x-frame-options'] = 'DENY';
  const frame = text(settings['customFrameOptionsValue']);
  if (frame !== null) changed['x-frame-options'] = frame;
  if (settings['contentTypeNosniff'] === true) changed['x-content-type-options'] = 'nosniff';
  if (typeof seconds === 'number' && seconds > 0 && asking.secure)
    changed['strict-transport-security'] = `max-age=${seconds}`;
  const custom = settings['customResponseHeaders'];
  for (const [name, value] of Object.entries(isRecord(custom) ? custom : {})) {
    if (value === '') Reflect.deleteProperty(changed, name.toLowerCase());
    else changed[name.toLowerCase()] = String(value);
  }
  return { ...answered, headers: changed };
}

async function forwardAuth(settings: Settings, asking: Asking, next: Next): Promise<Answered> {
  const { headers: own, host, path, method, secure } = asking;
  const asked = await fetch(text(settings['address']) ?? '', {
    redirect: 'manual',
    headers: {
      ...Object.fromEntries(
        Object.entries(own).filter(([name]) => !['host', 'connection', 'content-length'].includes(name)),
      ),
      'x-forwarded-method': method,
      'x-forwarded-proto': secure ? 'https' : 'http',
      'x-forwarded-host': host,
      'x-forwarded-uri': path,
      'x-forwarded-for': '127.0.0.1',
    },
  }).catch(() => null);
  if (asked === null) return { status: 500, headers: {}, body: Buffer.from('') };
  if (!asked.ok)
    return { status: asked.status, headers: headersOf(asked), body: Buffer.from(await asked.arrayBuffer()) };
  const told = texts(settings['authResponseHeaders']).map((name) => name.toLowerCase());
  const kept = Object.entries(own).filter(([name]) => !told.includes(name));
  const given = told.flatMap((name) => {
    const value = asked.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return next({ ...asking, headers: { ...Object.fromEntries(kept), ...Object.fromEntries(given) } });
}

function redirectScheme(settings: Settings, asking: Asking, next: Next): Promise<Answered> {
  const scheme = text(settings['scheme']) ?? 'https';
  if ((scheme === 'https') === asking.secure) return next(asking);
  const location = `${scheme}://${asking.host}${asking.path}`;
  const status = settings['permanent'] === true ? 301 : 302;
  return Promise.resolve({ status, headers: { location }, body: Buffer.from('') });
}

/** Of what `fetch` answers, without what only held for its connection. */
function headersOf({ headers: found }: Response): Readonly<Record<string, string | readonly string[]>> {
  const cookies = found.getSetCookie();
  const dropped = [
    'connection',
    'transfer-encoding',
    'content-encoding',
    'content-length',
    'keep-alive',
    'set-cookie',
  ];
  return {
    ...Object.fromEntries([...found].filter(([name]) => !dropped.includes(name))),
    ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }),
  };
}
