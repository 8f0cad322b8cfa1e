import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ShellResult } from '../world.ts';

/** What `lab.sh up` and `status` print. */
export interface LabDescription {
  readonly key: string;
  readonly registry_address: string;
  readonly hosts: readonly {
    readonly name: string;
    /** The first process of its namespaces. */
    readonly pid: number;
    readonly address: string;
    readonly port: number;
    readonly user: string;
    readonly host_key: string;
  }[];
}

/** The script that makes real hosts, for one lab directory. */
export interface LabScript {
  readonly directory: string;
  up(hosts: number): Promise<LabDescription>;
  down(): Promise<void>;
  hostDown(name: string): Promise<void>;
  hostUp(name: string): Promise<void>;
  /** Runs a shell command on a host (or `switch`), not over SSH. */
  exec(name: string, shell: string): Promise<ShellResult>;
}

/** The compiled program finds the script where the sources have it. */
function scriptFile(): string {
  const beside = join(import.meta.dirname, 'lab.sh');
  return existsSync(beside) ? beside : join(import.meta.dirname, '..', '..', '..', 'lab', 'real', 'lab.sh');
}

/** Runs the script; its own messages become the error. */
async function runScript(args: readonly string[], env: Record<string, string>): Promise<string> {
  const { exitCode, stdout, stderr } = await execa(scriptFile(), args, {
    env,
    reject: false,
    stdin: 'ignore',
  });
  if (exitCode !== 0)
    throw new Error(`lab.sh ${args.join(' ')}: ${stderr.trim() || `exit ${exitCode ?? 'by a signal'}`}`);
  return stdout;
}

/** Why real hosts cannot be made on this machine, or undefined. */
export async function whyNoLab(): Promise<string | undefined> {
  try {
    await runScript(['check'], {});
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The script is ours, so its output has this shape. */
const parseDescription = (text: string) => JSON.parse(text) as LabDescription;

/** The script for a lab in `directory`. */
export function createLabScript(directory: string): LabScript {
  const env = { LAB_DIR: directory };
  return {
    directory,
    up: async (hosts) =>
      parseDescription(
        await runScript(['up'], { ...env, LAB_HOSTS: String(hosts), LAB_OWNER: String(process.pid) }),
      ),
    async down() {
      await runScript(['down'], env);
    },
    async hostDown(name) {
      await runScript(['host-down', name], env);
    },
    async hostUp(name) {
      await runScript(['host-up', name], env);
    },
    async exec(name, shell) {
      const result = await execa(scriptFile(), ['exec', name, 'sh', '-c', shell], {
        env,
        reject: false,
        stdin: 'ignore',
        stripFinalNewline: false,
      });
      return { exitCode: result.exitCode ?? 255, stdout: result.stdout, stderr: result.stderr };
    },
  };
}
