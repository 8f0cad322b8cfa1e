import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Answer, type Call, json, name } from './api/call.ts';
import { act, containerLogs, listContainers, removeContainer, rename } from './api/container-calls.ts';
import {
  askRegistry,
  inspectImage,
  listImages,
  pullImage,
  removeImage,
  tagImage,
} from './api/image-calls.ts';
import { inspectVolume, removeVolume } from './api/volume-calls.ts';
import type { Daemon } from './daemon.ts';
import { DockerError, messageOf } from './docker-error.ts';
import { containerDetails } from './shapes/container-shapes.ts';
import { infoShape, networkShape, versionShape, volumeShape } from './shapes/system-shapes.ts';
import { apiVersion, engineVersion } from './versions.ts';

type Route = readonly [method: string, path: RegExp, act: (call: Call) => Answer | Promise<Answer>];

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
  else if (text === undefined) response.writeHead(status, headers).end();
  else {
    const type = { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(text) };
    response.writeHead(status, { ...headers, ...type }).end(text);
  }
}
