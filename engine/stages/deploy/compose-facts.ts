import { posix } from 'node:path';
import { parse } from 'yaml';
import type { Service } from '../../types.ts';
import { isRecord, list, text } from '../../json.ts';

/** Compose services that are meant to end: a restart policy says so, or another one waits for their success. */
export function oneShots(compose: string): ReadonlySet<string> {
  const ended = new Set<string>();
  for (const [name, service] of servicesOf(compose)) {
    const restart = service['restart'];
    if (
      restart === 'no' ||
      restart === false ||
      (typeof restart === 'string' && restart.startsWith('on-failure'))
    )
      ended.add(name);
    const dependsOn = service['depends_on'];
    if (!isRecord(dependsOn)) continue;
    for (const [other, condition] of Object.entries(dependsOn))
      if (isRecord(condition) && condition['condition'] === 'service_completed_successfully')
        ended.add(other);
  }
  return ended;
}

/**
 * Compose services to recreate because files they use changed: `docker compose up` compares definitions,
 * not the content of mounted files. Those only read through `env_file` it does notice.
 */
export function recreations(service: Service, changed: readonly string[]): readonly string[] {
  const compose = service.files['docker-compose.yml'] ?? '';
  const noticed = envFiles(compose);
  const names = new Set<string>();
  for (const file of changed) {
    if (file === 'docker-compose.yml' || noticed.has(file)) continue;
    const users = service.containers.filter(({ binds }) =>
      binds.some((bind) => reaches(service, bind, file)),
    );
    // Used in a way we cannot see, such as a compose `config`: all of them, to be sure.
    for (const { name } of users.length > 0 ? users : service.containers) names.add(name);
  }
  return [...names];
}

function reaches(service: Service, bind: string, file: string): boolean {
  const source = posix.resolve(service.installPath, bind);
  const target = posix.join(service.installPath, file);
  return target === source || target.startsWith(`${source}/`);
}

function envFiles(compose: string): ReadonlySet<string> {
  const files = servicesOf(compose).flatMap(([, service]) => {
    const entry = service['env_file'];
    return (typeof entry === 'string' ? [entry] : list(entry)).flatMap((item) => {
      const path = isRecord(item) ? text(item['path']) : text(item);
      return path === null ? [] : [posix.normalize(path)];
    });
  });
  return new Set(files);
}

function servicesOf(compose: string): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
  let document: unknown;
  try {
    document = parse(compose, { merge: true, logLevel: 'silent' });
  } catch {
    return []; // validation reports it; here it only means that nothing is known
  }
  const services = isRecord(document) ? document['services'] : null;
  if (!isRecord(services)) return [];
  return Object.entries(services).flatMap(([name, service]) =>
    isRecord(service) ? [[name, service] as const] : [],
  );
}
