import type { Container } from '../container.ts';
import { commandOf, portList } from '../shapes/container-shapes.ts';
import { ageOf, statusOf, timestamp } from '../words.ts';

/** A container as `docker ps --format '{{json .}}'` shows it. */
export function psRow(container: Container, noTrunc = false) {
  const { spec } = container;
  const mounts = spec.mounts.map(({ source }) => source);
  return {
    Command: `"${shorten(commandOf(container).join(' '), noTrunc ? Infinity : 20)}"`,
    CreatedAt: timestamp(container.created),
    ID: noTrunc ? container.id : container.id.slice(0, 12),
    Image: spec.imageName,
    Labels: Object.entries(spec.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: String(spec.mounts.filter(({ type }) => type === 'volume').length),
    Mounts: mounts.map((one) => shorten(one, noTrunc ? Infinity : 15)).join(','),
    Names: container.name,
    Networks: spec.networks.join(','),
    Ports: portText(container),
    RunningFor: `${ageOf(container.created)} ago`,
    Size: '0B',
    State: container.status,
    Status: statusOf(container),
  };
}

/** A container as `docker compose ps --format json` shows it. */
export function composePsRow(container: Container) {
  const { Command, CreatedAt, ID, Image, Labels, LocalVolumes, Mounts, Names, Networks, Ports, ...rest } =
    psRow(container);
  const publishers = portList(container).map((port) => ({
    URL: 'IP' in port ? port.IP : '',
    TargetPort: port.PrivatePort,
    PublishedPort: 'PublicPort' in port ? port.PublicPort : 0,
    Protocol: port.Type,
  }));
  return {
    Command,
    CreatedAt,
    ExitCode: container.status === 'running' || container.status === 'restarting' ? 0 : container.exitCode,
    Health: container.health?.status ?? '',
    ID,
    Image,
    Labels,
    LocalVolumes,
    Mounts,
    Name: container.name,
    Names,
    Networks,
    Ports,
    Project: container.spec.labels['com.docker.compose.project'] ?? '',
    Publishers: publishers.length > 0 ? publishers : null,
    RunningFor: rest.RunningFor,
    Service: container.spec.service,
    Size: rest.Size,
    State: rest.State,
    Status: rest.Status,
  };
}

function portText(container: Container): string {
  return portList(container)
    .map((port) =>
      'IP' in port
        ? `${port.IP}:${port.PublicPort}->${port.PrivatePort}/${port.Type}`
        : `${port.PrivatePort}/${port.Type}`,
    )
    .join(', ');
}

const shorten = (text: string, length: number) =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

/** Columns as Docker aligns them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], gap = 3): string {
  const widths = head.map(
    (title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)) + gap,
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('');
  return [head, ...rows].map((row) => `${line(row)}\n`).join('');
}
