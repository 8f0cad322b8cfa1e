import { volumeShape } from '../shapes/system-shapes.ts';
import { CliError, parseFlags } from './flags.ts';
import { type Invocation, jsonFormat, needDaemon } from './invocation.ts';
import { table } from './rows.ts';
import { renderTemplate } from './template.ts';

export function volumes(call: Invocation, argv: readonly string[]): void {
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

export function inspectVolumes(call: Invocation, argv: readonly string[]): void {
  needDaemon(call, '/volumes');
  const names = parseFlags(argv, { 'f|format': 'value' }).rest;
  const found = names.flatMap((name) => call.daemon.volumes.get(name) ?? []);
  call.out(`${JSON.stringify(found.map(volumeShape), null, 4)}\n`);
  const missing = names.filter((name) => !call.daemon.volumes.has(name));
  if (missing.length > 0)
    throw new CliError(1, missing.map((name) => `Error: No such volume: ${name}`).join('\n'));
}

export function removeVolumes(call: Invocation, argv: readonly string[]): void {
  needDaemon(call, '/volumes');
  for (const name of parseFlags(argv, { 'f|force': 'bool' }).rest) {
    if (!call.daemon.volumes.delete(name)) throw new CliError(1, `Error: No such volume: ${name}`);
    call.out(`${name}\n`);
  }
}

export function networks(call: Invocation, argv: readonly string[]): void {
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
