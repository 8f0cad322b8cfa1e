import type { Daemon } from '../daemon.ts';
import { messageOf } from '../docker-error.ts';
import { findContainers } from '../filters.ts';
import { selectLogs } from '../logs.ts';
import { containerDetails } from '../shapes/container-shapes.ts';
import { imageDetails } from '../shapes/image-shapes.ts';
import { CliError, parseFlags } from './flags.ts';
import { type Invocation, jsonFormat, needDaemon, oneArgument } from './invocation.ts';
import { psRow, table } from './rows.ts';
import { renderTemplate } from './template.ts';

export function ps(call: Invocation, argv: readonly string[]): void {
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

export function inspect(
  call: Invocation,
  argv: readonly string[],
  kind: 'any' | 'image' | 'container',
): void {
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

export function logs(call: Invocation, argv: readonly string[]): void {
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

export async function act(
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

export async function removeContainers(call: Invocation, argv: readonly string[]): Promise<void> {
  const flags = parseFlags(argv, { 'f|force': 'bool', 'v|volumes': 'bool' });
  needDaemon(call);
  for (const name of flags.rest) {
    await call.daemon.remove(call.daemon.container(name), flags.has('force'));
    call.out(`${name}\n`);
  }
}
