import type { Daemon } from '../daemon.ts';
import { DockerError, messageOf } from '../docker-error.ts';
import { findContainers } from '../filters.ts';
import { selectLogs } from '../logs.ts';
import { parseReference } from '../reference.ts';
import {
  apiVersion,
  containerDetails,
  engineVersion,
  imageAge,
  imageDetails,
  infoShape,
  versionShape,
  volumeShape,
} from '../shapes.ts';
import { CliError, parseFlags, type Parsed } from './flags.ts';
import { psRow, table } from './rows.ts';
import { renderTemplate } from './template.ts';

/** One `docker` command on a host. */
export interface Invocation {
  readonly daemon: Daemon;
  readonly hostName: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The user may use the socket. */
  readonly mayUseSocket: boolean;
  readonly composeInstalled: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly signal: AbortSignal;
}

type Command = (call: Invocation, argv: readonly string[]) => Promise<void> | void;

const commands: Readonly<Record<string, Command>> = {
  version,
  info,
  ps,
  inspect: (call, argv) => inspect(call, argv, 'any'),
  pull,
  tag,
  rmi: removeImages,
  images,
  logs,
  stop: (call, argv) => act(call, argv, 'stop'),
  start: (call, argv) => act(call, argv, 'start'),
  restart: (call, argv) => act(call, argv, 'restart'),
  kill: (call, argv) => act(call, argv, 'kill'),
  rm: removeContainers,
  image: group('image', {
    inspect: (call, argv) => inspect(call, argv, 'image'),
    ls: images,
    pull,
    tag,
    rm: removeImages,
  }),
  container: group('container', {
    inspect: (call, argv) => inspect(call, argv, 'container'),
    ls: ps,
    logs,
    rm: removeContainers,
  }),
  volume: group('volume', { ls: volumes, inspect: inspectVolumes, rm: removeVolumes }),
  network: group('network', { ls: networks }),
};

/** Commands that work without the daemon. */
export const notConnected =
  'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';
export const permissionDenied = (path: string) =>
  'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: ' +
  `Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24${path}": dial unix /var/run/docker.sock: connect: permission denied`;

/** Throws what the client says when it does not get through to the daemon. */
export function needDaemon({ daemon, mayUseSocket }: Invocation, path = '/containers/json'): void {
  if (!mayUseSocket) throw new CliError(1, permissionDenied(path));
  if (!daemon.running) throw new CliError(1, notConnected);
}

/** Runs one `docker` command but `docker compose`. */
export async function runDocker(call: Invocation, argv: readonly string[]): Promise<void> {
  const [name = '', ...rest] = argv;
  if (name === '--version' || name === '-v')
    { call.out(`Docker version ${engineVersion}, build 297e128\n`); return; }
  const command = commands[name];
  if (!command) throw new CliError(1, `docker: '${name}' is not a docker command.\nSee 'docker --help'`);
  try {
    await command(call, rest);
  } catch (error) {
    if (error instanceof DockerError) throw new CliError(1, `Error response from daemon: ${error.message}`);
    if (error instanceof CliError && error.exitCode === 16)
      throw new CliError(125, `${error.message}\nSee 'docker ${name} --help'.`);
    throw error;
  }
}

function group(name: string, members: Readonly<Record<string, Command>>): Command {
  return (call, argv) => {
    const [verb = '', ...rest] = argv;
    const command = members[verb];
    if (!command)
      throw new CliError(
        1,
        `docker: '${name} ${verb}' is not a docker command.\nSee 'docker ${name} --help'`,
      );
    return command(call, rest);
  };
}

function version(call: Invocation, argv: readonly string[]): void {
  const flags = parseFlags(argv, { 'f|format': 'value' });
  const client = {
    Version: engineVersion,
    ApiVersion: apiVersion,
    Os: 'linux',
    Arch: 'amd64',
    Context: 'default',
  };
  const head = `Client:\n Version:           ${engineVersion}\n API version:       ${apiVersion}\n OS/Arch:           linux/amd64\n Context:           default\n`;
  const format = flags.last('format');
  if (format === undefined) call.out(head);
  needDaemon(call, '/version');
  if (format !== undefined)
    call.out(`${renderTemplate(jsonFormat(format), { Client: client, Server: versionShape() })}\n`);
  else
    call.out(
      `\nServer:\n Engine:\n  Version:          ${engineVersion}\n  API version:      ${apiVersion} (minimum version 1.12)\n  OS/Arch:          linux/amd64\n`,
    );
}

const jsonFormat = (format: string) => (format === 'json' ? '{{json .}}' : format);

function info(call: Invocation, argv: readonly string[]): void {
  const format = parseFlags(argv, { 'f|format': 'value' }).last('format');
  if (format === undefined) call.out('Client:\n Context:    default\n Debug Mode: false\n\nServer:\n');
  needDaemon(call, '/info');
  const shape = infoShape(call.daemon, call.hostName);
  if (format !== undefined) call.out(`${renderTemplate(jsonFormat(format), shape)}\n`);
  else
    call.out(
      ` Containers: ${shape.Containers}\n  Running: ${shape.ContainersRunning}\n Images: ${shape.Images}\n Server Version: ${engineVersion}\n Storage Driver: overlay2\n`,
    );
}

function ps(call: Invocation, argv: readonly string[]): void {
  const flags = parseFlags(argv, {
    'a|all': 'bool',
    'q|quiet': 'bool',
    'f|filter': 'value',
    format: 'value',
    'no-trunc': 'bool',
    'n|last': 'value',
    's|size': 'bool',
  });
  needDaemon(call);
  const filters = new Map<string, string[]>();
  for (const filter of flags.all('filter')) {
    const [key = '', ...value] = filter.split('=');
    filters.set(key, [...(filters.get(key) ?? []), value.join('=')]);
  }
  const rows = findContainers(call.daemon, filters, flags.has('all')).map((one) =>
    psRow(one, flags.has('no-trunc')),
  );
  const format = flags.last('format');
  if (flags.has('quiet')) call.out(rows.map(({ ID }) => `${ID}\n`).join(''));
  else if (format !== undefined) call.out(rows.map((row) => `${renderTemplate(format, row)}\n`).join(''));
  else
    call.out(
      table(
        ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'],
        rows.map((row) => [row.ID, row.Image, row.Command, row.RunningFor, row.Status, row.Ports, row.Names]),
      ),
    );
}

function inspect(call: Invocation, argv: readonly string[], kind: 'any' | 'image' | 'container'): void {
  const flags = parseFlags(argv, { 'f|format': 'value', type: 'value', 's|size': 'bool' });
  needDaemon(call);
  const found: object[] = [];
  const missing: string[] = [];
  for (const name of flags.rest) {
    const shape =
      (kind !== 'image' && containerShape(call.daemon, name)) ||
      (kind !== 'container' && imageShape(call.daemon, name));
    if (shape) found.push(shape);
    else missing.push(name);
  }
  const format = flags.last('format');
  if (format === undefined) call.out(`${JSON.stringify(found, null, 4)}\n`);
  else call.out(found.map((one) => `${renderTemplate(jsonFormat(format), one)}\n`).join('') || '\n');
  const what = { any: 'object', image: 'image', container: 'container' }[kind];
  if (missing.length > 0)
    throw new CliError(1, missing.map((name) => `Error: No such ${what}: ${name}`).join('\n'));
}

function containerShape(daemon: Daemon, name: string): object | undefined {
  try {
    return containerDetails(daemon.container(name));
  } catch {
    return undefined;
  }
}
function imageShape(daemon: Daemon, name: string): object | undefined {
  const image = daemon.images.find(name);
  return image && imageDetails(image);
}

function pull(call: Invocation, argv: readonly string[]): void {
  const flags = parseFlags(argv, { 'q|quiet': 'bool', 'a|all-tags': 'bool', platform: 'value' });
  const name = oneArgument(flags, 'pull');
  needDaemon(call, '/images/create');
  const { image, isNew } = call.daemon.images.pull(name);
  const { familiar, tag, path } = parseReference(name);
  if (flags.has('quiet')) { call.out(`${familiar}\n`); return; }
  const status = isNew ? 'Downloaded newer image for' : 'Image is up to date for';
  call.out(
    `${tag}: Pulling from ${path}\nDigest: ${image.digest}\nStatus: ${status} ${familiar}\n${familiar}\n`,
  );
}

function oneArgument({ rest }: Parsed, command: string): string {
  if (rest.length === 1) return rest[0] ?? '';
  throw new CliError(1, `"docker ${command}" requires exactly 1 argument.\nSee 'docker ${command} --help'.`);
}

function tag(call: Invocation, argv: readonly string[]): void {
  const [name = '', target = ''] = parseFlags(argv, {}).rest;
  needDaemon(call);
  call.daemon.images.tag(name, target);
}

function removeImages(call: Invocation, argv: readonly string[]): void {
  const { rest } = parseFlags(argv, { 'f|force': 'bool', 'no-prune': 'bool' });
  needDaemon(call);
  for (const name of rest)
    for (const entry of call.daemon.images.untag(name, (image) =>
      call.daemon.containers.some(({ spec }) => spec.image === image),
    ))
      call.out(
        Object.entries(entry)
          .map(([key, value]) => `${key}: ${value}\n`)
          .join(''),
      );
}

function images(call: Invocation, argv: readonly string[]): void {
  const flags = parseFlags(argv, {
    'a|all': 'bool',
    'q|quiet': 'bool',
    format: 'value',
    digests: 'bool',
    'no-trunc': 'bool',
    'f|filter': 'value',
  });
  needDaemon(call, '/images/json');
  const rows = call.daemon.images.all().flatMap((image) =>
    [...image.tags].map((name) => {
      const at = name.lastIndexOf(':');
      return {
        Repository: name.slice(0, at),
        Tag: name.slice(at + 1),
        ID: image.id.slice(7, 19),
        Digest: image.digest,
        CreatedSince: imageAge(image),
        Size: '1.98MB',
      };
    }),
  );
  const format = flags.last('format');
  if (flags.has('quiet')) call.out(rows.map(({ ID }) => `${ID}\n`).join(''));
  else if (format !== undefined)
    call.out(rows.map((row) => `${renderTemplate(jsonFormat(format), row)}\n`).join(''));
  else
    call.out(
      table(
        ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'],
        rows.map((row) => [row.Repository, row.Tag, row.ID, row.CreatedSince, row.Size]),
      ),
    );
}

function logs(call: Invocation, argv: readonly string[]): void {
  const flags = parseFlags(argv, {
    'n|tail': 'value',
    since: 'value',
    't|timestamps': 'bool',
    'f|follow': 'bool',
  });
  const name = oneArgument(flags, 'logs');
  needDaemon(call);
  const tail = flags.last('tail');
  const query = {
    stdout: true,
    stderr: true,
    since: undefined,
    timestamps: flags.has('timestamps'),
    tail: tail === undefined || tail === 'all' ? undefined : Number(tail),
  };
  let container;
  try {
    container = call.daemon.container(name);
  } catch (error) {
    throw new CliError(1, `Error: ${messageOf(error)}`);
  }
  for (const { stream, text } of selectLogs(container, query))
    (stream === 'stdout' ? call.out : call.err)(`${text}\n`);
}

async function act(
  call: Invocation,
  argv: readonly string[],
  verb: 'start' | 'stop' | 'restart' | 'kill',
): Promise<void> {
  const flags = parseFlags(argv, { 't|time': 'value', 's|signal': 'value' });
  needDaemon(call);
  const time = flags.last('time');
  const grace = verb === 'kill' ? 0 : time === undefined ? undefined : Number(time) * 1000;
  for (const name of flags.rest) {
    const container = call.daemon.container(name);
    if (verb !== 'start') await call.daemon.lifecycle.stop(container, grace);
    if (verb === 'start' || verb === 'restart') await call.daemon.lifecycle.start(container);
    call.out(`${name}\n`);
  }
}

async function removeContainers(call: Invocation, argv: readonly string[]): Promise<void> {
  const flags = parseFlags(argv, { 'f|force': 'bool', 'v|volumes': 'bool' });
  needDaemon(call);
  for (const name of flags.rest) {
    await call.daemon.remove(call.daemon.container(name), flags.has('force'));
    call.out(`${name}\n`);
  }
}

function volumes(call: Invocation, argv: readonly string[]): void {
  const flags = parseFlags(argv, { 'q|quiet': 'bool', 'f|filter': 'value', format: 'value' });
  needDaemon(call, '/volumes');
  const wanted = flags
    .all('filter')
    .flatMap((filter) => (filter.startsWith('label=') ? [filter.slice(6)] : []));
  const rows = [...call.daemon.volumes.values()].filter(({ labels }) =>
    wanted.every((one) =>
      Object.entries(labels).some(([key, value]) => one === key || one === `${key}=${value}`),
    ),
  );
  const format = flags.last('format');
  if (flags.has('quiet')) call.out(rows.map(({ name }) => `${name}\n`).join(''));
  else if (format !== undefined)
    call.out(rows.map((row) => `${renderTemplate(jsonFormat(format), volumeShape(row))}\n`).join(''));
  else
    call.out(
      table(
        ['DRIVER', 'VOLUME NAME'],
        rows.map(({ name }) => ['local', name]),
        4,
      ),
    );
}

function inspectVolumes(call: Invocation, argv: readonly string[]): void {
  needDaemon(call, '/volumes');
  const names = parseFlags(argv, { 'f|format': 'value' }).rest;
  const found = names.flatMap((name) => call.daemon.volumes.get(name) ?? []);
  call.out(`${JSON.stringify(found.map(volumeShape), null, 4)}\n`);
  const missing = names.filter((name) => !call.daemon.volumes.has(name));
  if (missing.length > 0)
    throw new CliError(1, missing.map((name) => `Error: No such volume: ${name}`).join('\n'));
}

function removeVolumes(call: Invocation, argv: readonly string[]): void {
  needDaemon(call, '/volumes');
  for (const name of parseFlags(argv, { 'f|force': 'bool' }).rest) {
    if (!call.daemon.volumes.delete(name)) throw new CliError(1, `Error: No such volume: ${name}`);
    call.out(`${name}\n`);
  }
}

function networks(call: Invocation, argv: readonly string[]): void {
  const flags = parseFlags(argv, { 'q|quiet': 'bool', 'f|filter': 'value', format: 'value' });
  needDaemon(call, '/networks');
  const rows = [...call.daemon.networks.values()].map(({ id, name }) => ({
    ID: id.slice(0, 12),
    Name: name,
    Driver: 'bridge',
    Scope: 'local',
  }));
  const format = flags.last('format');
  if (flags.has('quiet')) call.out(rows.map(({ ID }) => `${ID}\n`).join(''));
  else if (format !== undefined) call.out(rows.map((row) => `${renderTemplate(format, row)}\n`).join(''));
  else
    call.out(
      table(
        ['NETWORK ID', 'NAME', 'DRIVER', 'SCOPE'],
        rows.map((row) => [row.ID, row.Name, row.Driver, row.Scope]),
      ),
    );
}
