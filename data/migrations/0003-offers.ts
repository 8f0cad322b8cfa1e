import type { Migration } from './migration.ts';

/** Where a request's change is shown while it waits: the merge request. */
export const offers: Migration = {
  name: '0003-offers',
  sql: `
ALTER TABLE proposals ADD COLUMN offer TEXT;
`,
};
