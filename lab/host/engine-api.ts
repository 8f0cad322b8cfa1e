import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Daemon } from './daemon.ts';
import { DockerError, messageOf } from './docker-error.ts';
import { findContainers, parseFilters } from './filters.ts';
import { parseReference } from './reference.ts';
import { frameLogs, selectLogs } from './logs.ts';
import {
  apiVersion,
  containerDetails,
  containerSummary,
  engineVersion,
  imageDetails,
  imageSummary,
  infoShape,
  networkShape,
  versionShape,
  volumeShape,
} from './shapes.ts';

type Answer =
  | { readonly status: number; readonly json?: unknown; readonly text?: string; readonly raw?: Buffer }
  | { readonly status: number; readonly lines: readonly unknown[] };
interface Call {
  readonly daemon: Daemon;
  readonly hostName: string;
  readonly query: URLSearchParams;
  /** What the pattern's groups matched, decoded. */
  readonly match: readonly string[];
}
type Route = readonly [method: string, path: RegExp, act: (call: Call) => Answer | Promise<Answer>];

const name = (call: Call) => call.match[0] ?? '';
const json = (body: unknown, status = 200): Answer => ({ status, json: body });

const routes: readonly Route[] = [
  ['GET', /^\/_ping$/, () => ({ status: 200, text: 'OK' })],
  ['HEAD', /^\/_ping$/, () => ({ status: 200, text: '' })],
  ['GET', /^\/version$/, () => json(versionShape())],
  ['GET', /^\/info$/, ({ daemon, hostName }) => json(infoShape(daemon, hostName))],
  ['GET', /^\/containers\/json$/, listContainers],
  [
    'GET',
    /^\/containers\/([^/]+)\/json$/,
    (call) => json(containerDetails(call.daemon.container(name(call)))),
  ],
  ['GET', /^\/containers\/([^/]+)\/logs$/, containerLogs],
  ['POST', /^\/containers\/([^/]+)\/(start|stop|restart|kill)$/, act],
  ['POST', /^\/containers\/([^/]+)\/rename$/, rename],
  ['DELETE', /^\/containers\/([^/]+)$/, removeContainer],
  ['GET', /^\/images\/json$/, listImages],
  ['POST', /^\/images\/create$/, pullImage],
  ['GET', /^\/images\/(.+)\/json$/, inspectImage],
  ['POST', /^\/images\/(.+)\/tag$/, tagImage],
  ['DELETE', /^\/images\/(.+)$/, removeImage],
  ['GET', /^\/distribution\/(.+)\/json$/, askRegistry],
  [
    'GET',
    /^\/volumes$/,
    ({ daemon }) => json({ Volumes: [...daemon.volumes.values()].map(volumeShape), Warnings: null }),
  ],
  ['GET', /^\/volumes\/([^/]+)$/, inspectVolume],
  ['DELETE', /^\/volumes\/([^/]+)$/, removeVolume],
  ['GET', /^\/networks$/, ({ daemon }) => json([...daemon.networks.values()].map(networkShape))],
];

/** The Docker Engine API of a simulated host, as an HTTP server that is not listening yet. */
export function createEngineApi(daemon: Daemon, hostName: string): Server {
  return createServer((request, response) => {
    void answer(request, daemon, hostName).then((result) => send(response, result));
  });
}

async function answer(request: IncomingMessage, daemon: Daemon, hostName: string): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://docker');
  const version = /^\/v(\d+)\.(\d+)(?=\/)/.exec(url.pathname);
  try {
    if (version) checkVersion(Number(version[1]), Number(version[2]));
    const path = version ? url.pathname.slice(version[0].length) : url.pathname;
    for (const [method, pattern, handle] of routes) {
      const match = method === request.method ? pattern.exec(path) : null;
      if (!match) continue;
      const groups = match.slice(1).map((group) => decodeURIComponent(group));
      return await handle({ daemon, hostName, query: url.searchParams, match: groups });
    }
    return json({ message: 'page not found' }, 404);
  } catch (error) {
    return json({ message: messageOf(error) }, error instanceof DockerError ? error.status : 500);
  }
}

function checkVersion(major: number, minor: number): void {
  const own = Number(apiVersion.split('.')[1]);
  if (major === 1 && minor > own)
    throw new DockerError(
      400,
      `client version ${major}.${minor} is too new. Maximum supported API version is ${apiVersion}`,
    );
}

function send(response: ServerResponse, result: Answer): void {
  const headers = { 'Api-Version': apiVersion, Ostype: 'linux', Server: `Docker/${engineVersion} (linux)` };
  if ('lines' in result) {
    response.writeHead(result.status, { ...headers, 'Content-Type': 'application/json' });
    for (const line of result.lines) response.write(`${JSON.stringify(line)}\r\n`);
    response.end();
    return;
  }
  const { status, json, text, raw } = result;
  if (json !== undefined) {
    const body = `${JSON.stringify(json)}\n`;
    response.writeHead(status, {
      ...headers,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  } else if (raw)
    response.writeHead(status, { ...headers, 'Content-Type': 'application/octet-stream' }).end(raw);
  else
    response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }).end(text ?? '');
}

function listContainers({ daemon, query }: Call): Answer {
  const all = truthy(query.get('all'));
  return json(findContainers(daemon, parseFilters(query.get('filters')), all).map(containerSummary));
}

const truthy = (value: string | null) => value === '1' || value === 'true';

function containerLogs(call: Call): Answer {
  const { query, daemon } = call;
  const stdout = truthy(query.get('stdout'));
  const stderr = truthy(query.get('stderr'));
  if (!stdout && !stderr) throw new DockerError(400, 'Bad parameters: you must choose at least one stream');
  const tail = query.get('tail');
  const since = Number(query.get('since') ?? 0);
  const lines = selectLogs(daemon.container(name(call)), {
    stdout,
    stderr,
    tail: tail === null || tail === 'all' ? undefined : Number(tail),
    since: since > 0 ? new Date(since * 1000) : undefined,
    timestamps: truthy(query.get('timestamps')),
  });
  return { status: 200, raw: frameLogs(lines) };
}

async function act(call: Call): Promise<Answer> {
  const { lifecycle } = call.daemon;
  const container = call.daemon.container(name(call));
  const verb = call.match[1];
  const wait = call.query.get('t');
  const grace = verb === 'kill' ? 0 : wait === null ? undefined : Number(wait) * 1000;
  const running = container.status === 'running';
  if (verb === 'start' && running) return { status: 304 };
  if (verb === 'stop' && container.status !== 'running' && container.status !== 'restarting')
    return { status: 304 };
  if (verb === 'kill' && !running)
    throw new DockerError(
      409,
      `Cannot kill container: ${name(call)}: Container ${container.id} is not running`,
    );
  if (verb !== 'start') await lifecycle.stop(container, grace);
  if (verb === 'start' || verb === 'restart') await lifecycle.start(container);
  return { status: 204 };
}

function rename(call: Call): Answer {
  call.daemon.container(name(call)).name = call.query.get('name') ?? '';
  return { status: 204 };
}

async function removeContainer(call: Call): Promise<Answer> {
  await call.daemon.remove(call.daemon.container(name(call)), truthy(call.query.get('force')));
  return { status: 204 };
}

function listImages({ daemon, query }: Call): Answer {
  const wanted = parseFilters(query.get('filters')).get('reference') ?? [];
  const fits = (tag: string) =>
    wanted.length === 0 || wanted.some((one) => tag === one || tag.startsWith(`${one}:`));
  return json(
    daemon.images
      .all()
      .filter((image) => wanted.length === 0 || [...image.tags].some(fits))
      .map(imageSummary),
  );
}

function pullImage({ daemon, query }: Call): Answer {
  const from = query.get('fromImage') ?? '';
  const tag = query.get('tag');
  const full =
    tag === null || tag === '' ? from : tag.startsWith('sha256:') ? `${from}@${tag}` : `${from}:${tag}`;
  const { image, isNew } = daemon.images.pull(full);
  const words = isNew ? 'Downloaded newer image for' : 'Image is up to date for';
  const path = from.split('/').slice(1).join('/') || from;
  return {
    status: 200,
    lines: [
      { status: `Pulling from ${path.replace(/:.*/, '')}`, id: parseReference(full).tag },
      { status: `Digest: ${image.digest}` },
      { status: `Status: ${words} ${full}` },
    ],
  };
}

function inspectImage(call: Call): Answer {
  const image = call.daemon.images.find(name(call));
  if (!image) throw new DockerError(404, `no such image: ${name(call)}: No such image: ${name(call)}`);
  return json(imageDetails(image));
}

function tagImage(call: Call): Answer {
  const tag = call.query.get('tag');
  call.daemon.images.tag(name(call), `${call.query.get('repo') ?? ''}${tag === null ? '' : `:${tag}`}`);
  return { status: 201 };
}

function removeImage(call: Call): Answer {
  const { images, containers } = call.daemon;
  return json(images.untag(name(call), (image) => containers.some(({ spec }) => spec.image === image)));
}

function askRegistry(call: Call): Answer {
  const { digest } = call.daemon.images.lookUp(name(call));
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  return json({
    Descriptor: { mediaType, digest, size: 527 },
    Platforms: [{ architecture: 'amd64', os: 'linux' }],
  });
}

function volumeOf(call: Call) {
  const volume = call.daemon.volumes.get(name(call));
  if (!volume) throw new DockerError(404, `get ${name(call)}: no such volume`);
  return volume;
}
function inspectVolume(call: Call): Answer {
  return json(volumeShape(volumeOf(call)));
}

function removeVolume(call: Call): Answer {
  const { name: volume } = volumeOf(call);
  const user = call.daemon.containers.find(({ spec }) =>
    spec.mounts.some((one) => one.type === 'volume' && one.source === volume),
  );
  if (user) throw new DockerError(409, `remove ${volume}: volume is in use - [${user.id}]`);
  call.daemon.volumes.delete(volume);
  return { status: 204 };
}
