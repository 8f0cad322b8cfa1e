import type { Migration } from './migration.ts';

/** Which deployment follows a pipeline: one each, however often its project tells of it. */
export const pipelines: Migration = {
  name: '0005-pipelines',
  sql: `
CREATE TABLE pipelines (
  repository TEXT NOT NULL,
  pipeline INTEGER NOT NULL,
  deployment TEXT NOT NULL REFERENCES deployments (id),
  PRIMARY KEY (repository, pipeline)
) STRICT, WITHOUT ROWID;
`,
};
