import type { ContainerSettings } from '../../schema/index.ts';
import type { EnvValue } from '../types.ts';

/** Which line of the `.env` file holds which secret of which container. */
export interface EnvKeys {
  readonly env: Readonly<Record<string, EnvValue>>;
  /** Environment of one container: variable → `${KEY}`. */
  references(container: string): Readonly<Record<string, string>>;
}

/**
 * A secret is kept under the name of its variable. Where two containers mean different secrets by one name,
 * the later one's key starts with the container's name.
 */
export function envKeys(containers: readonly (readonly [string, ContainerSettings])[]): EnvKeys {
  const env = new Map<string, string>();
  const references = new Map<string, Readonly<Record<string, string>>>();
  for (const [container, { secrets = [] }] of containers) {
    const own = secrets.map(({ name, source = name }) => [
      name,
      `\${${keep(env, container, { name, source })}}`,
    ]);
    references.set(container, Object.fromEntries(own) as Record<string, string>);
  }
  return {
    env: Object.fromEntries([...env].map(([key, secret]) => [key, { secret }])),
    references: (container) => references.get(container) ?? {},
  };
}

function keep(
  env: Map<string, string>,
  container: string,
  { name, source }: { name: string; source: string },
): string {
  // A variable may not start with a digit, though a container may.
  const prefix = container
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '_')
    .replace(/^(?=[0-9])/, '_');
  let key = name;
  for (let attempt = 1; env.has(key) && env.get(key) !== source; attempt++)
    key = `${prefix}_${name}${attempt === 1 ? '' : `_${attempt}`}`;
  env.set(key, source);
  return key;
}
