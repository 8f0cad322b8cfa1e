import { describe, expect, test } from 'vitest';
import { lastVerified } from '../../engine/draft-rollback.ts';
import type { DeploymentRecord } from '../../engine/index.ts';
import { needAttention } from '../../engine/status.ts';
import { ana, plan, planned } from './fixtures.ts';

const release = (id: string, { current = false, verified = true } = {}) => ({
  id,
  service: 'grafana',
  revision: null,
  deployment: null,
  createdAt: id,
  files: {},
  env: {},
  images: {},
  checks: null,
  verifiedAt: verified ? id : null,
  current,
});

describe('the release a rollback goes to by itself', () => {
  test('is the newest verified one before the one that runs', () => {
    const kept = [
      release('r4'),
      release('r3', { current: true }),
      release('r2', { verified: false }),
      release('r1'),
    ];
    expect(lastVerified(kept)?.id).toBe('r1');
  });

  test('is none when nothing before it was ever verified', () => {
    expect(
      lastVerified([release('r2', { current: true }), release('r1', { verified: false })]),
    ).toBeUndefined();
  });
});

describe('what needs a person', () => {
  const ended = (
    id: string,
    outcome: DeploymentRecord['outcome'],
    service = 'grafana',
  ): DeploymentRecord => ({
    id,
    proposal: null,
    plan: plan({ services: [planned(service)] }),
    request: { kind: 'deploy', service },
    actor: ana,
    approvedBy: [],
    startedAt: '',
    finishedAt: null,
    outcome,
  });
  const ids = (...newestFirst: DeploymentRecord[]): string[] =>
    needAttention(newestFirst).map(({ id }) => id);

  test('is an interrupted deployment and one that could not be undone', () => {
    expect(ids(ended('d-2', 'interrupted'), ended('d-1', 'needs-attention', 'n8n'))).toEqual(['d-2', 'd-1']);
  });

  test('no longer is once the same service was deployed well', () => {
    expect(ids(ended('d-2', 'succeeded'), ended('d-1', 'interrupted'))).toEqual([]);
  });

  test('still is when only another service was', () => {
    expect(ids(ended('d-2', 'succeeded', 'n8n'), ended('d-1', 'interrupted'))).toEqual(['d-1']);
  });

  test('still is when the next try only failed', () => {
    expect(ids(ended('d-2', 'failed'), ended('d-1', 'interrupted'))).toEqual(['d-1']);
  });
});
