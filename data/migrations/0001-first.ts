import type { Migration } from './migration.ts';

const genesis = '0'.repeat(64);

export const first: Migration = {
  name: '0001-first',
  sql: `
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  seq        INTEGER PRIMARY KEY,
  at         TEXT NOT NULL,
  actor      TEXT NOT NULL,
  action     TEXT NOT NULL,
  proposal   TEXT,
  deployment TEXT,
  detail     TEXT NOT NULL,
  previous   TEXT NOT NULL,
  hash       TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX audit_by_time ON audit (at);

CREATE TRIGGER audit_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_never_removed BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are never removed'); END;
CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
  OR NEW.previous IS NOT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '${genesis}')
BEGIN SELECT RAISE(ABORT, 'audit rows are written in order, each naming the one before'); END;

CREATE TABLE proposals (
  number       INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  state        TEXT NOT NULL
    CHECK (state IN ('open', 'pending', 'running', 'done', 'rejected', 'expired', 'stale')),
  request      TEXT NOT NULL,
  plan         TEXT NOT NULL,
  rule         TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  expires_at   TEXT NOT NULL,
  deployment   TEXT,
  draft        TEXT
) STRICT;
CREATE INDEX proposals_by_state ON proposals (state, number);

CREATE TABLE votes (
  number   INTEGER PRIMARY KEY,
  proposal TEXT NOT NULL REFERENCES proposals (id),
  person   TEXT NOT NULL,
  actor    TEXT NOT NULL,
  verdict  TEXT NOT NULL CHECK (verdict IN ('approve', 'reject')),
  reason   TEXT,
  at       TEXT NOT NULL,
  UNIQUE (proposal, person)
) STRICT;

CREATE TABLE deployments (
  number      INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  proposal    TEXT REFERENCES proposals (id),
  environment TEXT NOT NULL,
  started_at  TEXT NOT NULL,
  finished_at TEXT,
  outcome     TEXT CHECK (outcome IN
    ('succeeded', 'degraded', 'rolled-back', 'failed', 'needs-attention', 'cancelled', 'interrupted'))
) STRICT;

CREATE TABLE deployment_services (
  deployment TEXT NOT NULL REFERENCES deployments (id),
  service    TEXT NOT NULL,
  outcome    TEXT CHECK (outcome IN
    ('succeeded', 'degraded', 'rolled-back', 'failed', 'needs-attention', 'cancelled')),
  PRIMARY KEY (deployment, service)
) STRICT, WITHOUT ROWID;
CREATE INDEX deployments_by_service ON deployment_services (service, deployment);

CREATE TABLE steps (
  deployment TEXT NOT NULL REFERENCES deployments (id),
  phase      TEXT NOT NULL CHECK (phase IN ('forward', 'unwind')),
  step       TEXT NOT NULL,
  position   INTEGER NOT NULL,
  service    TEXT NOT NULL,
  stage      TEXT NOT NULL,
  system     TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'skipped')),
  started_at TEXT,
  ended_at   TEXT,
  PRIMARY KEY (deployment, phase, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  deployment TEXT NOT NULL REFERENCES deployments (id),
  seq        INTEGER NOT NULL,
  type       TEXT NOT NULL,
  body       TEXT NOT NULL,
  audit      INTEGER NOT NULL UNIQUE REFERENCES audit (seq),
  PRIMARY KEY (deployment, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER events_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_never_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
CREATE TRIGGER events_in_order BEFORE INSERT ON events
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events WHERE deployment = NEW.deployment)
BEGIN SELECT RAISE(ABORT, 'events are written in order'); END;

CREATE TABLE locks (
  key     TEXT PRIMARY KEY,
  holder  TEXT NOT NULL,
  who     TEXT NOT NULL,
  reason  TEXT NOT NULL,
  since   TEXT NOT NULL,
  beat_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX locks_by_holder ON locks (holder);

CREATE TABLE messages (
  number        INTEGER PRIMARY KEY,
  key           TEXT NOT NULL UNIQUE,
  channel_id    TEXT,
  message_id    TEXT,
  thread_id     TEXT,
  delivered_seq INTEGER NOT NULL DEFAULT 0,
  final         INTEGER NOT NULL DEFAULT 0 CHECK (final IN (0, 1))
) STRICT;
CREATE INDEX messages_unfinished ON messages (number) WHERE final = 0;

CREATE TABLE interactions (
  id      TEXT PRIMARY KEY,
  seen_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX interactions_by_age ON interactions (seen_at);
`,
};
