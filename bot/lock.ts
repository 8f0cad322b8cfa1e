import { hostname } from 'node:os';
import type { Clock, Locks, Log } from '../engine/index.ts';
import { StartError } from './start-error.ts';

export interface InstanceLock {
  release(): void;
}
export interface InstanceLockParts {
  readonly locks: Locks;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Default: this machine and process. */
  readonly holder?: string;
}

const staleSeconds = 30;
const beatMs = 10_000;

/**
 * Two bots with one token would both answer everything. Waits for one that just died, and refuses beside one that lives.
 * Its heartbeat also proves, every ten seconds, that the record can be written.
 */
export async function acquireInstanceLock(parts: InstanceLockParts): Promise<InstanceLock> {
  const { locks, clock, log, signal } = parts;
  const id = parts.holder ?? `bot:${hostname()}:${process.pid}`;
  const patience = clock.now().getTime() + (staleSeconds + beatMs / 1000) * 1000;
  for (;;) {
    const taken = locks.acquire(['bot'], { id, who: id, reason: 'the bot runs' }, staleSeconds);
    if (taken.held) break;
    const { by } = taken;
    if (isDead(by.id)) locks.release(by.id);
    else if (clock.now().getTime() > patience)
      throw new StartError(
        `Another bot works with this state folder: ${by.who}, since ${by.since}. Stop it first, or give this one a folder of its own.`,
      );
    else {
      log.warn({ holder: by.id, since: by.since }, 'another bot holds the state folder; waiting for it');
      await clock.wait(1_000, signal);
    }
  }
  const timer = setInterval(() => {
    try {
      locks.beat(id);
    } catch (error) {
      log.error({ err: error }, 'the record cannot be written');
    }
  }, beatMs);
  return {
    release() {
      clearInterval(timer);
      locks.release(id);
    },
  };
}

/** Only a process of this machine can be known to be gone. */
function isDead(holder: string): boolean {
  const [, machine, pid] = /^bot:(.+):(\d+)$/.exec(holder) ?? [];
  if (machine !== hostname() || pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
