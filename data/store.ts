import type { Clock, Log, Store } from '../engine/index.ts';
import { createAddAudit, createAudit } from './audit.ts';
import { createClaim } from './claims.ts';
import { createConnection } from './connection.ts';
import { openDatabase } from './database.ts';
import { createDeployments } from './deployments.ts';
import { createHoldings } from './holdings.ts';
import { createJournal } from './journal.ts';
import { createLocks } from './locks.ts';
import { createMessages, type Messages } from './messages.ts';
import { createMeta, type Meta } from './meta.ts';
import { createProposals } from './proposals.ts';
import { createTallies, type Tallies } from './tallies.ts';

/** Everything Sentinel remembers, in one SQLite file. */
export interface OpenStore extends Store, Meta {
  readonly messages: Messages;
  readonly tallies: Tallies;
  /** True the first time an interaction is seen. */
  claimInteraction(id: string): boolean;
  /** True the first time a post of another program is seen. */
  claimHook(id: string): boolean;
  /** When this process last wrote something that is on disk; part of the bot's health. */
  lastWriteAt(): Date;
  /** Folds the write-ahead log into the file and closes it. Twice is fine. */
  close(): void;
}

/** Opens the store, or throws a ProblemError that says what to do. Writes once, so a store that opens can be written. */
export function openStore({
  file,
  clock,
  log,
}: {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
}): OpenStore {
  const db = openDatabase(file, log);
  let writtenAt = clock.now();
  const connection = createConnection(db, { clock, log, onWritten: () => (writtenAt = clock.now()) });
  const close = (): void => {
    if (db.open) db.close();
  };
  try {
    const addAudit = createAddAudit(connection);
    const meta = createMeta(connection);
    meta.setMeta('opened-at', writtenAt.toISOString());
    return {
      ...meta,
      atomically: (work) => connection.write(work),
      journal: createJournal(connection, addAudit),
      deployments: createDeployments(connection),
      holdings: createHoldings(connection),
      proposals: createProposals(connection),
      locks: createLocks(connection),
      audit: createAudit(connection, addAudit),
      messages: createMessages(connection),
      tallies: createTallies(connection),
      claimInteraction: createClaim(connection, 'interactions'),
      claimHook: createClaim(connection, 'hooks'),
      lastWriteAt: () => writtenAt,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
