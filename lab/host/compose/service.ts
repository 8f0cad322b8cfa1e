import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isMapping, type Mapping } from './check.ts';
import { invalidFile, missingFile } from './compose-error.ts';
import { parseDotenv } from './dotenv.ts';
import { dependenciesOf, healthOf, portsOf, volumesOf } from './forms.ts';
import type { ComposeService } from './model.ts';
import { booleanOf, durationOf, listOf, pairsOf, textOf, wordsOf } from './values.ts';

const known = new Set(
  `image build container_name command entrypoint environment env_file labels ports volumes networks network_mode
  depends_on restart healthcheck stop_grace_period init privileged pull_policy profiles`.split(/\s+/),
);

interface Place {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

export function serviceOf(name: string, entry: Mapping, place: Place): ComposeService {
  const { directory } = place;
  const image = textOf(entry['image']);
  const build = entry['build'] !== undefined;
  if (image === '' && !build)
    throw invalidFile(
      `service "${name}" has neither an image nor a build context specified: invalid compose project`,
    );
  const networkMode = textOf(entry['network_mode']);
  const networks = isMapping(entry['networks'])
    ? Object.keys(entry['networks'])
    : listOf(entry['networks']).map(textOf);
  return {
    name,
    image,
    build,
    containerName: entry['container_name'] === undefined ? undefined : textOf(entry['container_name']),
    command: wordsOf(entry['command']),
    entrypoint: wordsOf(entry['entrypoint']),
    environment: environmentOf(entry, place),
    labels: Object.fromEntries(pairsOf(entry['labels']).map(([key, value]) => [key, value ?? ''])),
    ports: portsOf(entry['ports']),
    volumes: volumesOf(entry['volumes'], directory),
    networks: networkMode !== '' ? [] : networks.length > 0 ? networks : ['default'],
    networkMode: networkMode === '' ? undefined : networkMode,
    dependsOn: dependenciesOf(entry['depends_on']),
    restart: entry['restart'] === undefined ? undefined : textOf(entry['restart']),
    healthcheck: healthOf(entry['healthcheck'], `services.${name}.healthcheck`),
    stopGraceMs: durationOf(entry['stop_grace_period'], `services.${name}.stop_grace_period`),
    init: booleanOf(entry['init']),
    privileged: booleanOf(entry['privileged']),
    pullPolicy: entry['pull_policy'] === undefined ? undefined : textOf(entry['pull_policy']),
    profiles: listOf(entry['profiles']).map(textOf),
    rest: Object.fromEntries(
      Object.entries(entry).filter(([key]) => !known.has(key) && !key.startsWith('x-')),
    ),
  };
}

function environmentOf(entry: Mapping, { directory, env }: Place): Record<string, string> {
  const values: Record<string, string> = {};
  for (const item of listOf(entry['env_file'])) {
    const path = resolve(directory, isMapping(item) ? textOf(item['path']) : textOf(item));
    const optional = isMapping(item) && item['required'] === false;
    if (!existsSync(path)) {
      if (optional) continue;
      throw missingFile(`env file ${path} not found: stat ${path}: no such file or directory`);
    }
    Object.assign(values, parseDotenv(readFileSync(path, 'utf8'), path, { ...env, ...values }));
  }
  for (const [key, value] of pairsOf(entry['environment'])) {
    const chosen = value ?? env[key];
    if (chosen !== undefined) values[key] = chosen;
  }
  return values;
}
