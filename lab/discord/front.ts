import { createServer } from 'node:https';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { generate } from 'selfsigned';

/** The lab's Discord under its real name, for a client that cannot be pointed elsewhere, such as a container. */
export interface DiscordFront {
  /** PEM text the client has to trust. */
  readonly certificate: string;
  close(): Promise<void>;
}

/** Listens as https://discord.com at an address; who resolves the name to that address meets the lab. */
export async function startDiscordFront(api: string, address: string): Promise<DiscordFront> {
  const lab = new URL(api);
  const made = await generate([{ name: 'commonName', value: 'discord.com' }], {
    ...{ keyType: 'ec', curve: 'P-256', algorithm: 'sha256' },
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'discord.com' }] }],
  });
  const secure = createSecureContext({ key: made.private, cert: made.cert });
  const server = createServer({ SNICallback: (_name, done) => done(null, secure) });
  server.on('request', (request, response) => {
    void (async () => {
      const body: Buffer[] = [];
      for await (const part of request) if (Buffer.isBuffer(part)) body.push(part);
      const { method = 'GET', headers, url = '/' } = request;
      const answer = await fetch(new URL(url, lab.origin), {
        method,
        headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
          typeof value === 'string' &&
          !/^(host|connection|content-length|transfer-encoding|keep-alive)$/.test(name)
            ? [[name, value]]
            : [],
        ),
        ...(method === 'GET' || method === 'HEAD' ? {} : { body: Buffer.concat(body) }),
      });
      const text = (await answer.text()).replaceAll(lab.origin.replace('http', 'ws'), 'wss://discord.com');
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(answer.status === 204 ? undefined : text);
    })().catch(() => response.destroy());
  });
  const gateways = new Set<Duplex>(); // the server no longer counts them as its own
  server.on('upgrade', (request, socket, head) => {
    gateways.add(socket.once('close', () => gateways.delete(socket)));
    const inside = connect(Number(lab.port), lab.hostname, () => {
      const lines = request.rawHeaders.flatMap((word, at, all) =>
        at % 2 === 0 ? [`${word}: ${all[at + 1] ?? ''}`] : [],
      );
      inside.write(`GET ${request.url ?? '/'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      inside.write(head);
      inside.pipe(socket).pipe(inside);
    });
    inside.on('error', () => socket.destroy());
    socket.on('error', () => inside.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(443, address, resolve);
  });
  return {
    certificate: made.cert,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of gateways) socket.destroy();
      }),
  };
}
