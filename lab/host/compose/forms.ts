import { resolve } from 'node:path';
import { isMapping } from './check.ts';
import { invalidFile } from './compose-error.ts';
import type { Yaml } from './interpolate.ts';
import type { ComposeHealth, ComposePort, ComposeVolume, Dependency } from './model.ts';
import { booleanOf, durationOf, listOf, mappingOf, textOf } from './values.ts';

/** Ports in both forms; ranges are written out. */
export function portsOf(value: Yaml | undefined): readonly ComposePort[] {
  return listOf(value).flatMap((entry) => (isMapping(entry) ? [longPort(entry)] : shortPort(textOf(entry))));
}

function longPort(entry: Readonly<Record<string, Yaml>>): ComposePort {
  return {
    target: Number(entry['target']),
    published: textOf(entry['published']),
    address: textOf(entry['host_ip']),
    protocol: entry['protocol'] === 'udp' ? 'udp' : 'tcp',
  };
}

function shortPort(text: string): readonly ComposePort[] {
  const [ports = '', protocol = 'tcp'] = text.split('/', 2);
  const parts = /^(?:(?:(\[[^\]]+\]|[^:]*):)?([^:]*):)?([^:]+)$/.exec(ports);
  if (!parts) throw invalidFile(`Invalid proto: ${text}`);
  const [, address = '', host = '', container = ''] = parts;
  if (protocol !== 'tcp' && protocol !== 'udp') throw invalidFile(`Invalid proto: ${protocol}`);
  const targets = range(container, 'containerPort');
  const published = host === '' ? targets.map(() => '') : range(host, 'hostPort').map(String);
  if (published.length !== targets.length)
    throw invalidFile(`Invalid ranges specified for container and host Ports: ${container} and ${host}`);
  return targets.map((target, index) => ({
    target,
    published: published[index] ?? '',
    address: address.replace(/^\[|\]$/g, ''),
    protocol,
  }));
}

function range(text: string, what: string): readonly number[] {
  const parts = /^(\d+)(?:-(\d+))?$/.exec(text);
  const first = Number(parts?.[1]);
  const last = Number(parts?.[2] ?? parts?.[1]);
  if (!parts || first > 65_535 || last > 65_535 || last < first)
    throw invalidFile(`Invalid ${what}: ${text}`);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Volumes in both forms; relative paths start at the project's directory. */
export function volumesOf(value: Yaml | undefined, directory: string): readonly ComposeVolume[] {
  return listOf(value).map((entry) => {
    if (isMapping(entry)) {
      const type = entry['type'] === 'bind' ? 'bind' : entry['type'] === 'tmpfs' ? 'tmpfs' : 'volume';
      const source = textOf(entry['source']);
      return {
        type,
        source: type === 'bind' ? resolve(directory, source) : source,
        target: textOf(entry['target']),
        readOnly: booleanOf(entry['read_only']),
        createHostPath: booleanOf(mappingOf(entry['bind'])['create_host_path']),
      };
    }
    return shortVolume(textOf(entry), directory);
  });
}

function shortVolume(text: string, directory: string): ComposeVolume {
  const parts = text.split(':');
  // One letter before a colon is a Windows drive to compose.
  if (/^[A-Za-z]:/.test(text))
    return { type: 'volume', source: '', target: text, readOnly: false, createHostPath: false };
  if (parts.length === 1)
    return { type: 'volume', source: '', target: text, readOnly: false, createHostPath: false };
  const [source = '', target = '', mode = ''] = parts;
  const isPath = /^[./~]/.test(source);
  return {
    type: isPath ? 'bind' : 'volume',
    source: isPath ? resolve(directory, source) : source,
    target,
    readOnly: mode.split(',').includes('ro'),
    createHostPath: isPath,
  };
}

/** `depends_on` in both forms. */
export function dependenciesOf(value: Yaml | undefined): readonly Dependency[] {
  if (!isMapping(value))
    return listOf(value).map((name) => ({
      service: textOf(name),
      condition: 'service_started',
      required: true,
      restart: false,
    }));
  return Object.entries(value).map(([service, entry]) => {
    const terms = mappingOf(entry);
    const condition = textOf(terms['condition']);
    return {
      service,
      condition:
        condition === 'service_healthy' || condition === 'service_completed_successfully'
          ? condition
          : 'service_started',
      required: terms['required'] !== false,
      restart: booleanOf(terms['restart']),
    };
  });
}

/** A health check with its test written out. */
export function healthOf(value: Yaml | undefined, path: string): ComposeHealth | undefined {
  if (!isMapping(value)) return undefined;
  const test = value['test'];
  const list = typeof test === 'string' ? ['CMD-SHELL', test] : listOf(test).map(textOf);
  return {
    disabled: booleanOf(value['disable']) || list[0] === 'NONE',
    test: list,
    interval: durationOf(value['interval'], `${path}.interval`),
    timeout: durationOf(value['timeout'], `${path}.timeout`),
    retries: value['retries'] === undefined ? undefined : Number(value['retries']),
    startPeriod: durationOf(value['start_period'], `${path}.start_period`),
  };
}
