import type { Migration } from './migration.ts';

/** Steps of the systems around the services are kept whole: they tell what is ours there. */
export const holdings: Migration = {
  name: '0002-holdings',
  sql: `
ALTER TABLE steps ADD COLUMN body TEXT;
ALTER TABLE steps ADD COLUMN touched INTEGER;
CREATE INDEX steps_of_systems ON steps (service) WHERE body IS NOT NULL;
`,
};
