import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Container, PortBinding } from './container.ts';
import { DockerError } from './docker-error.ts';

/** Who holds which published port of a host. */
export interface PortTable {
  /** Binds all published ports of a container and answers HTTP on them; all or none. */
  open(container: Container): Promise<readonly PortBinding[]>;
}

/** The published ports of the host at `address`; `taken` ports belong to programs outside Docker. */
export function createPortTable(address: string, taken: () => readonly number[]): PortTable {
  const held = new Set<string>();

  const bindOne = async (container: Container, wanted: PortBinding): Promise<PortBinding> => {
    const shown = wanted.address === '' ? '0.0.0.0' : wanted.address;
    const key = (port: number) => `${shown}:${port}/${wanted.protocol}`;
    const anywhere = (port: number) => `0.0.0.0:${port}/${wanted.protocol}`;
    const clash = wanted.host !== 0 && (held.has(key(wanted.host)) || held.has(anywhere(wanted.host)));
    if (clash)
      throw bindError(container, `Bind for ${shown}:${wanted.host} failed: port is already allocated`);
    if (taken().includes(wanted.host))
      throw bindError(container, proxyError(wanted, shown, 'address already in use'));
    // What is published on the host's own loopback must not be reachable from outside, so it is only reserved.
    const port = shown.startsWith('127.') ? wanted.host : await listen(container, wanted, address, shown);
    held.add(key(port));
    container.cleanups.push(() => held.delete(key(port)));
    return { ...wanted, host: port };
  };

  return {
    async open(container) {
      const bound: PortBinding[] = [];
      for (const wanted of container.spec.ports) bound.push(await bindOne(container, wanted));
      return bound;
    },
  };
}

function listen(container: Container, wanted: PortBinding, address: string, shown: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      const words = error.code === 'EACCES' ? 'permission denied' : 'address already in use';
      reject(bindError(container, proxyError(wanted, shown, words)));
    };
    if (wanted.protocol === 'udp') {
      const socket = createSocket('udp4').once('error', refuse);
      socket.bind({ address, port: wanted.host, exclusive: true }, () => resolve(socket.address().port));
      container.cleanups.push(() => socket.close());
      return;
    }
    const server = createServer((request, response) => {
      const answer = answerOf(container, wanted.container, request.url ?? '/');
      if (answer === undefined) {
        request.socket.destroy();
        return;
      }
      response
        .writeHead(answer.status, { 'content-type': 'text/html', connection: 'close' })
        .end(answer.body);
    });
    server.once('error', refuse);
    server.listen({ port: wanted.host, host: address, exclusive: true }, () =>
      resolve((server.address() as AddressInfo).port),
    );
    container.cleanups.push(() => {
      server.close();
      server.closeAllConnections();
    });
  });
}

/** What the program in a container answers, or undefined when nothing listens on that port inside. */
export function answerOf(
  container: Container,
  port: number,
  path: string,
): { readonly status: number; readonly body: string } | undefined {
  if (container.running) return container.running.answer(port, path);
  const { page, anyPort } = container.spec.image.behaviour;
  if (!container.serving || page === undefined || (!anyPort && port !== 80)) return undefined;
  const known = anyPort === true || ['/', '/index.html'].includes(path.split('?')[0] ?? '/');
  return known ? { status: 200, body: `${page.trimEnd()}\n` } : { status: 404, body: '404 Not Found\n' };
}

const proxyError = (wanted: PortBinding, shown: string, words: string) =>
  `Error starting userland proxy: listen ${wanted.protocol}4 ${shown}:${wanted.host}: bind: ${words}`;

const bindError = (container: Container, words: string) =>
  new DockerError(
    500,
    `driver failed programming external connectivity on endpoint ${container.name} (${container.id}): ${words}`,
  );
