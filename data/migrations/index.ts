import { first } from './0001-first.ts';
import { holdings } from './0002-holdings.ts';
import { offers } from './0003-offers.ts';
import { hooks } from './0004-hooks.ts';
import { pipelines } from './0005-pipelines.ts';
import type { Migration } from './migration.ts';

/** In order; the place in this list is the schema version. */
export const migrations: readonly Migration[] = [first, holdings, offers, hooks, pipelines];
