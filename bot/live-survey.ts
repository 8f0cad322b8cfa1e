import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { LiveSubject } from '../engine/cli/ports.ts';
import { checkSecrets } from '../engine/definitions/index.ts';
import {
  ProblemError,
  toProblem,
  type HostEntry,
  type Log,
  type Plan,
  type Result,
} from '../engine/index.ts';
import { makePlan } from '../engine/planner.ts';
import { amongOthers } from '../engine/scope-of.ts';
import { createClock } from '../engine/providers/clock.ts';
import { createProbe } from '../engine/providers/probe.ts';
import { createSecrets } from '../engine/providers/secrets.ts';
import { createSystemClients } from '../engine/providers/systems.ts';
import { createHosts } from '../engine/providers/ssh/hosts.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Asks every host once and compares it with the definitions, as the bot would. Changes nothing. */
export async function surveyHosts(
  env: Variables,
  { fleet, deploy, remove }: LiveSubject,
  signal: AbortSignal,
): Promise<Result<Plan>> {
  const secrets = createSecrets({ env, directory: env['SENTINEL_SECRETS'] ?? null });
  const missing = checkSecrets(deploy, (name) => secrets.has(name));
  if (missing.length > 0) return { ok: false, problems: missing };
  const hosts = createHosts({ keys: (name) => keyOf(env, name), knownHosts: knownHostsOf(env), log: quiet });
  const systems = createSystemClients({ secrets, clock: createClock(), log: quiet });
  const { repository, environment, revision } = fleet;
  const services = [
    ...deploy.map((service) => ({ want: 'present', name: service.name, service, owned: [] }) as const),
    ...remove.map(
      (service) =>
        ({ want: 'absent', name: service.name, service, deleteVolumes: false, owned: [] }) as const,
    ),
  ];
  const frame = { repository, environment, revision, scope: amongOthers(fleet, services), risks: [] };
  const ports = {
    host: (entry: HostEntry) => hosts.get(entry),
    secrets,
    probe: createProbe(),
    clock: createClock(),
    log: quiet,
    systems,
  };
  try {
    return await makePlan(frame, ports, signal);
  } catch (error) {
    return { ok: false, problems: [toProblem(error)] };
  } finally {
    await Promise.all([hosts.close(), systems.close()]);
  }
}

/** `SENTINEL_SSH_KEY` names the file of the default key, `SENTINEL_SSH_KEY_MEDIA` that of the key `media`. */
function keyOf(env: Variables, name: string): Buffer {
  const suffix = name === 'default' ? '' : `_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
  const variable = `SENTINEL_SSH_KEY${suffix}`;
  const file = env[variable];
  if (file !== undefined && existsSync(file)) return readFileSync(file);
  throw new ProblemError({
    code: 'authentication-failed',
    message: `There is no SSH key named ${name}.`,
    hint: `Set ${variable} to the file of its private key.`,
  });
}

function knownHostsOf(env: Variables): string | null {
  const file = env['SENTINEL_KNOWN_HOSTS'] ?? join(homedir(), '.ssh', 'known_hosts');
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** What goes wrong is told as a problem; a command line needs no second story. */
const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};
