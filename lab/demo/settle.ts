import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { openLivePorts } from '../../bot/live-ports.ts';
import { openNotifier } from '../../bot/open-notifier.ts';
import { runCli } from '../../engine/cli/program.ts';
import { openCheckout } from '../../engine/providers/git/checkout.ts';
import { createWorkingTree } from '../../engine/providers/git/working-tree.ts';
import { bareCliPorts } from '../bare-cli-ports.ts';

export interface Settling {
  /** A bare repository. */
  readonly repository: string;
  readonly branch: string;
  readonly environment: string;
  readonly services: readonly string[];
  /** The file of the key of the hosts, and secrets by name. */
  readonly key: string;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Deploys services the way their owner did before there was a bot: with the command line, from a checkout. */
export async function settle(settling: Settling): Promise<void> {
  const { repository, branch, environment, services, key, secrets } = settling;
  const checkout = await mkdtemp(join(tmpdir(), 'sentinel-owner-'));
  try {
    await execa('git', ['clone', '--quiet', '--branch', branch, repository, checkout], { env: quiet });
    const env = { ...secrets, SENTINEL_SSH_KEY: key };
    const said: string[] = [];
    const say = (text: string): void => void said.push(text);
    const code = await runCli(
      ['deploy', ...services, '--environment', environment, '--yes', '--no-plan'],
      {
        ...bareCliPorts,
        ...{ env, directory: checkout, out: say, err: say },
        openCheckout: (directory, signal) => openCheckout(directory, { signal, env: process.env }),
        createWorkingTree: (directory, signal) => createWorkingTree(directory, { signal, env: process.env }),
        openLive: () => Promise.resolve(openLivePorts(env)),
        ...{ login: 'olivia@desk', openNotifier: () => openNotifier(env) },
      },
      new AbortController().signal,
    );
    if (code !== 0) throw new Error(`the lab's services could not be deployed (${code}):\n${said.join('')}`);
  } finally {
    await rm(checkout, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

/** Nothing of the machine's own git settings may leak into the lab. */
const quiet = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
