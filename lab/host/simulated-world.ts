import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { World } from '../world.ts';
import { leaseAddress } from './addresses.ts';
import { newHostKey } from './host-key.ts';
import { createRegistry, type SimulatedRegistry } from './registry.ts';
import { type Account, createSimulatedHost, type SimulatedHost } from './simulated-host.ts';

export interface SimulatedWorldOptions {
  /** How many; named h1, h2, … Default 1. */
  readonly hosts?: number;
  /** Names instead of a number. */
  readonly names?: readonly string[];
  readonly account?: Account;
  /** Factor for health intervals, restart delays and stop grace periods. Default 0.05. */
  readonly pace?: number;
  readonly docker?: 'complete' | 'without-compose' | 'absent';
}
export interface SimulatedWorld extends World {
  readonly kind: 'simulated';
  readonly hosts: readonly SimulatedHost[];
  readonly registry: SimulatedRegistry;
}

/** Docker hosts on loopback addresses of their own, for machines without Docker. */
export async function createSimulatedWorld(options: SimulatedWorldOptions = {}): Promise<SimulatedWorld> {
  const names = options.names ?? Array.from({ length: options.hosts ?? 1 }, (_, index) => `h${index + 1}`);
  const directory = mkdtempSync(join(tmpdir(), 'lab-'));
  const registry = createRegistry();
  const login = newHostKey();
  const file = join(directory, 'id_ed25519');
  writeFileSync(file, login.private, { mode: 0o600 });
  const systemPath = systemPrograms(join(directory, 'system'));
  const leases = await Promise.all(names.map(() => leaseAddress()));
  const hosts = names.map((name, index) =>
    createSimulatedHost({
      name,
      address: leases[index]?.address ?? '',
      directory: join(directory, name),
      systemPath,
      authorisedKey: login.public,
      registry,
      account: options.account ?? 'root',
      pace: options.pace ?? 0.05,
      docker: options.docker ?? 'complete',
    }),
  );
  await Promise.all(hosts.map((host) => host.start()));
  return {
    kind: 'simulated',
    hosts,
    registry,
    key: { file, public: login.public },
    async close() {
      await Promise.all(hosts.map((host) => host.close()));
      for (const lease of leases) lease.release();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A directory with this machine's programs, without those a simulated host must not reach. */
function systemPrograms(directory: string): string {
  mkdirSync(directory);
  const hidden = /^(docker|podman|containerd|sudo|su|ssh|systemctl|service|shutdown|reboot)/;
  for (const source of ['/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'])
    for (const name of programsIn(source)) {
      if (hidden.test(name)) continue;
      try {
        symlinkSync(join(source, name), join(directory, name));
      } catch {
        // an earlier directory has it
      }
    }
  return directory;
}

function programsIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
