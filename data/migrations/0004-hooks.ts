import type { Migration } from './migration.ts';

/** Posts of other programs that were taken: the same one may come again. */
export const hooks: Migration = {
  name: '0004-hooks',
  sql: `
CREATE TABLE hooks (
  id      TEXT PRIMARY KEY,
  seen_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX hooks_by_age ON hooks (seen_at);
`,
};
