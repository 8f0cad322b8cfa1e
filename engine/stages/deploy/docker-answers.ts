import type { DockerResponse } from '../../ports.ts';
import type { FoundContainer, Listener, LocalImage, RegistryAnswer } from './found.ts';
import { isRecord, list, parseBody, parseMessage, text } from '../../json.ts';

/** The body of `/containers/json`. */
export function parseContainers(body: Buffer): readonly FoundContainer[] {
  return list(parseBody(body)).filter(isRecord).map(parseContainer);
}

function parseContainer(found: Readonly<Record<string, unknown>>): FoundContainer {
  const labels = parseLabels(found['Labels']);
  const name = text(list(found['Names'])[0]) ?? text(found['Id']) ?? '';
  return {
    id: text(found['Id']) ?? '',
    name: name.replace(/^\//, ''),
    project: labels['com.docker.compose.project'] ?? null,
    service:
      labels['com.docker.compose.oneoff'] === 'True' ? null : (labels['com.docker.compose.service'] ?? null),
    image: text(found['Image']) ?? '',
    imageId: text(found['ImageID']) ?? '',
    state: text(found['State']) ?? 'unknown',
    status: text(found['Status']) ?? '',
    ports: list(found['Ports']).filter(isRecord).flatMap(parsePort),
    volumes: list(found['Mounts']).filter(isRecord).flatMap(parseVolume),
    labels,
  };
}

function parseLabels(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function parsePort(port: Readonly<Record<string, unknown>>): readonly Listener[] {
  if (typeof port['PublicPort'] !== 'number') return [];
  const ip = text(port['IP']) ?? '';
  const address = ip === '0.0.0.0' || ip === '::' || ip === '' ? '*' : ip;
  return [{ protocol: port['Type'] === 'udp' ? 'udp' : 'tcp', address, port: port['PublicPort'] }];
}

function parseVolume(mount: Readonly<Record<string, unknown>>): readonly string[] {
  const name = text(mount['Name']);
  return mount['Type'] === 'volume' && name !== null && !/^[0-9a-f]{64}$/.test(name) ? [name] : [];
}

/** The answer of `/images/{reference}/json`; null when the host does not have the image. */
export function parseImage({ status, body }: DockerResponse): LocalImage | null {
  const found = parseBody(body);
  if (status !== 200 || !isRecord(found) || typeof found['Id'] !== 'string') return null;
  const digests = list(found['RepoDigests']).map((entry) => text(entry)?.split('@')[1] ?? '');
  return { id: found['Id'], digests: digests.filter((digest) => digest !== '') };
}

/** The answer of `/distribution/{reference}/json`. */
export function parseDistribution({ status, body }: DockerResponse): RegistryAnswer {
  const found = parseBody(body);
  const descriptor = isRecord(found) ? found['Descriptor'] : null;
  if (status === 200 && isRecord(descriptor) && typeof descriptor['digest'] === 'string')
    return { kind: 'digest', digest: descriptor['digest'] };
  const message = parseMessage(body);
  return { kind: saysMissing(message) ? 'missing' : 'silent', message };
}

/** A private registry also says `denied`, so that answer alone does not prove absence. */
export function saysMissing(message: string): boolean {
  return /manifest unknown|manifest for .* not found|name unknown|no such manifest|repository .* not found|not found: manifest/i.test(
    message,
  );
}
