import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { LivePorts } from '../engine/cli/ports.ts';
import { filled } from '../engine/cli/repository-options.ts';
import { ProblemError, type Log } from '../engine/index.ts';
import { createClock } from '../engine/providers/clock.ts';
import { createProbe } from '../engine/providers/probe.ts';
import { createSecrets } from '../engine/providers/secrets.ts';
import { createSystemClients } from '../engine/providers/systems.ts';
import { createHosts } from '../engine/providers/ssh/hosts.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** The hosts, systems and secrets the variables of a job or a shell name. Connects to each on first use. */
export function openLivePorts(env: Variables): LivePorts {
  const clock = createClock();
  const secrets = createSecrets({ env, directory: secretsFolder(env) });
  const hosts = createHosts({ keys: (name) => keyOf(env, name), knownHosts: knownHostsOf(env), log: quiet });
  const systems = createSystemClients({ secrets, clock, log: quiet });
  return {
    ports: { host: (entry) => hosts.get(entry), secrets, probe: createProbe(), clock, log: quiet, systems },
    async close() {
      await Promise.all([hosts.close(), systems.close()]);
    },
  };
}

/** What `SENTINEL_SECRETS` names. What is no folder may be a secret put there by mistake, so it is not told. */
export function secretsFolder(env: Variables): string | null {
  const folder = filled(env['SENTINEL_SECRETS']);
  if (folder === undefined) return null;
  if (isFolder(folder)) return folder;
  throw new ProblemError({
    code: 'configuration-invalid',
    message: 'SENTINEL_SECRETS does not name a folder.',
    where: 'SENTINEL_SECRETS',
    hint: 'Set it to a folder with one file for each secret.',
  });
}

/** `SENTINEL_SSH_KEY` names the file of the default key, `SENTINEL_SSH_KEY_MEDIA` that of the key `media`. */
function keyOf(env: Variables, name: string): Buffer {
  const suffix = name === 'default' ? '' : `_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
  const variable = `SENTINEL_SSH_KEY${suffix}`;
  const file = filled(env[variable]);
  if (file !== undefined && existsSync(file)) return readFileSync(file);
  throw new ProblemError({
    code: 'authentication-failed',
    message: `There is no SSH key named ${name}.`,
    hint: `Set ${variable} to the file of its private key; in GitLab the variable has to be of the type File.`,
  });
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // longer than any path may be, for one
  }
}

function knownHostsOf(env: Variables): string | null {
  const file = filled(env['SENTINEL_KNOWN_HOSTS']) ?? join(homedir(), '.ssh', 'known_hosts');
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
