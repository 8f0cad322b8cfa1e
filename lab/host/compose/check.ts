import { invalidFile } from './compose-error.ts';
import type { Yaml } from './interpolate.ts';

/** Keys the compose specification knows, by place in the file. */
const words = (text: string) => new Set(text.split(/\s+/));
const topLevel = words('version name services networks volumes secrets configs include');
const service =
  words(`annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs
  container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset
  credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint
  env_file environment expose extends external_links extra_hosts group_add healthcheck hostname image init ipc
  isolation labels links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit network_mode
  networks oom_kill_disable oom_score_adj pid pids_limit platform ports privileged profiles pull_policy read_only
  restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls
  tmpfs tty ulimits user userns_mode uts volumes volumes_from working_dir`);
const healthcheck = words('disable interval retries start_interval start_period test timeout');
const volume = words('name driver driver_opts external labels');
const network = words('name driver driver_opts ipam external internal enable_ipv6 attachable labels');
const kinds: Readonly<Record<string, readonly Kind[]>> = {
  image: ['string'],
  container_name: ['string'],
  restart: ['string'],
  ports: ['array'],
  volumes: ['array'],
  environment: ['object', 'array'],
  labels: ['object', 'array'],
  depends_on: ['object', 'array'],
  networks: ['object', 'array'],
  command: ['string', 'array', 'null'],
  entrypoint: ['string', 'array', 'null'],
  env_file: ['string', 'array'],
  healthcheck: ['object'],
  deploy: ['object', 'null'],
  privileged: ['boolean', 'string'],
  init: ['boolean', 'string'],
};
type Kind = 'string' | 'array' | 'object' | 'boolean' | 'null' | 'number';

/** Refuses a document compose would refuse; `file` goes into the message. */
export function checkDocument(document: Yaml, file: string): asserts document is Mapping {
  const fail = (message: string) => invalidFile(`validating ${file}: ${message}`);
  if (!isMapping(document)) throw invalidFile('Top-level object must be a mapping');
  refuseUnknown(document, topLevel, '(root)', fail);
  const services = mappingAt(document, 'services');
  for (const [name, entry] of Object.entries(services)) {
    const path = `services.${name}`;
    if (!isMapping(entry)) throw invalidFile(`${path} must be a mapping`);
    refuseUnknown(entry, service, path, fail);
    for (const [key, value] of Object.entries(entry)) checkKind(`${path}.${key}`, kinds[key], value, fail);
    if (isMapping(entry['healthcheck']))
      refuseUnknown(entry['healthcheck'], healthcheck, `${path}.healthcheck`, fail);
  }
  for (const [section, known] of [
    ['volumes', volume],
    ['networks', network],
  ] as const)
    for (const [name, entry] of Object.entries(mappingAt(document, section)))
      if (isMapping(entry)) refuseUnknown(entry, known, `${section}.${name}`, fail);
}

/** A YAML mapping. */
export type Mapping = Readonly<Record<string, Yaml>>;
export function isMapping(value: Yaml | undefined): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Fail = (message: string) => Error;

function refuseUnknown(mapping: Mapping, known: ReadonlySet<string>, path: string, fail: Fail): void {
  for (const key of Object.keys(mapping))
    if (!known.has(key) && !key.startsWith('x-'))
      throw fail(`${path} Additional property ${key} is not allowed`);
}

function mappingAt(document: Mapping, key: string): Mapping {
  const value = document[key];
  if (value === undefined || value === null) return {};
  if (!isMapping(value)) throw invalidFile(`${key} must be a mapping`);
  return value;
}

function checkKind(path: string, allowed: readonly Kind[] | undefined, value: Yaml, fail: Fail): void {
  if (!allowed || allowed.includes(kindOf(value))) return;
  const article: Readonly<Record<Kind, string>> = {
    string: 'a string',
    array: 'a list',
    object: 'a mapping',
    boolean: 'a boolean',
    null: 'null',
    number: 'a number',
  };
  const wanted = allowed.filter((kind) => kind !== 'null').map((kind) => article[kind]);
  throw fail(`${path} must be ${wanted.join(' or ')}`);
}

function kindOf(value: Yaml): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'object') return 'object';
  return typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'boolean' : 'number';
}
