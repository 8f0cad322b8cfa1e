#!/usr/bin/env node
import { hostname, userInfo } from 'node:os';
import { backUp, exportAudit, verifyAudit } from '../data/index.ts';
import type { LivePorts } from '../engine/cli/ports.ts';
import { wantsColor } from '../engine/cli/print.ts';
import { runCli } from '../engine/cli/program.ts';
import { openCheckout } from '../engine/providers/git/checkout.ts';
import { createWorkingTree } from '../engine/providers/git/working-tree.ts';
import { readVersion } from './version.ts';

/* Composition root of the `sentinel` command. */

const { env } = process;
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error; // `sentinel audit export | head` is no failure
});

const ask =
  process.stdin.isTTY && process.stdout.isTTY && (env['CI'] ?? '') === ''
    ? (await import('./terminal-questions.ts')).terminalQuestions
    : null;

/** Loaded only when a key is there, so that validating needs no SSH. */
function openLive(): Promise<LivePorts> | null {
  if ((env['SENTINEL_SSH_KEY'] ?? '') === '') return null;
  return import('./live-ports.ts').then(({ openLivePorts }) => openLivePorts(env));
}

process.exitCode = await runCli(
  process.argv.slice(2),
  {
    version: readVersion(),
    env,
    directory: process.cwd(),
    color: wantsColor(env, process.stdout.isTTY),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    openCheckout: (directory, signal) => openCheckout(directory, { signal, env }),
    createWorkingTree: (directory, signal) => createWorkingTree(directory, { signal, env }),
    openLive,
    ask,
    login: `${userName()}@${hostname()}`,
    openNotifier: () => import('./open-notifier.ts').then(({ openNotifier }) => openNotifier(env)),
    verifyAudit,
    exportAudit,
    openBotDoctor: (file, how) =>
      import('./open-doctor.ts').then(({ openDoctor }) => openDoctor({ file, env, ...how })),
    readInvite: (from, signal) =>
      import('./doctor/invite.ts').then(({ readInvite }) => readInvite({ ...from, env }, signal)),
    backUp,
  },
  stop.signal,
);

/** A container may run us as a user without a name. */
function userName(): string {
  const named = env['GITLAB_USER_LOGIN'] ?? env['USER'];
  if (named !== undefined && named !== '') return named;
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
}
