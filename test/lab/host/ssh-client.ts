import { readFileSync } from 'node:fs';
import ssh2, { type ClientChannel, type ConnectConfig } from 'ssh2';
import type { ShellResult, World, WorldHost } from '../../../lab/world.ts';

/** A plain SSH connection to a host of a world, the way any client makes one. */
export interface Connection {
  readonly client: ssh2.Client;
  run(command: string, stdin?: string | Buffer): Promise<ShellResult & { readonly signal?: string }>;
  /** Opens a session channel and leaves it open. */
  open(command: string): Promise<ClientChannel>;
  api(method: string, path: string): Promise<ApiAnswer>;
  /** Resolves once the connection is gone. */
  readonly closed: Promise<void>;
  end(): void;
}
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export async function connectTo(
  world: World,
  host: WorldHost,
  overrides: ConnectConfig = {},
): Promise<Connection> {
  const client = new ssh2.Client();
  const closed = new Promise<void>((resolve) => void client.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    client.connect({
      host: host.address,
      port: host.port,
      username: host.user,
      privateKey: readFileSync(world.key.file),
      ...overrides,
    });
  });
  client.setNoDelay(true);
  client.on('error', () => undefined); // a lost connection is a test's subject, not its failure
  const open = (command: string) =>
    new Promise<ClientChannel>((resolve, reject) => {
      client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
  return {
    client,
    closed,
    open,
    async run(command, stdin = '') {
      const channel = await open(command);
      return finish(channel, stdin);
    },
    api: (method, path) => callApi(client, method, path),
    end: () => client.end(),
  };
}

export function finish(
  channel: ClientChannel,
  stdin: string | Buffer = '',
): Promise<ShellResult & { signal?: string }> {
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    let exit: { exitCode: number; signal?: string } = { exitCode: -1 };
    channel.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    channel.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    channel.on('exit', (code: number | null, signal?: string) => {
      exit = { exitCode: code ?? -1, ...(signal === undefined ? {} : { signal }) };
    });
    channel.on('close', () => resolve({ ...exit, stdout, stderr }));
    channel.end(stdin);
  });
}

function callApi(client: ssh2.Client, method: string, path: string): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    client.openssh_forwardOutStreamLocal('/var/run/docker.sock', (error, channel) => {
      if (error) {
        reject(error);
        return;
      }
      const chunks: Buffer[] = [];
      channel.on('data', (chunk: Buffer) => chunks.push(chunk));
      channel.on('end', () => channel.end());
      channel.on('close', () => resolve(parseAnswer(Buffer.concat(chunks))));
      channel.write(
        `${method} ${path} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
    });
  });
}

export function parseAnswer(raw: Buffer): ApiAnswer {
  const split = raw.indexOf('\r\n\r\n');
  const [first = '', ...lines] = raw.subarray(0, split).toString().split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = raw.subarray(split + 4);
  const chunked = headers['transfer-encoding'] === 'chunked';
  return { status: Number(first.split(' ')[1]), headers, body: chunked ? unchunk(body) : body };
}

function unchunk(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const line = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.subarray(at, line).toString(), 16);
    if (!(size > 0)) break;
    parts.push(body.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
  return Buffer.concat(parts);
}

export { eventually } from '../../eventually.ts';
