import { describe, expect, test } from 'vitest';
import { allowed } from '../../engine/access.ts';
import type { ApprovalPolicy } from '../../engine/index.ts';
import { approvalRule, approverProblem, closedProblem, voteProblem } from '../../engine/policy.ts';
import { ana, ben, plan, planned, proposal } from './fixtures.ts';

const terms = { required: 0, selfApproval: false, expiresSeconds: 3600, roles: [] };
const policy: ApprovalPolicy = {
  rules: [
    { ...terms, required: 2, environments: ['production'], categories: ['database'], expiresSeconds: 600 },
  ],
  fallback: terms,
};
const now = new Date('2026-01-01T00:30:00.000Z');

describe('the approval rule', () => {
  test('a plan the policy trusts runs without asking', () => {
    expect(approvalRule(plan(), policy)).toMatchObject({ required: 0, reasons: [] });
  });

  test('the first rule that fits environment and category decides', () => {
    const rule = approvalRule(plan({ services: [planned('pg', { category: 'database' })] }), policy);
    expect(rule).toMatchObject({ required: 2, expiresSeconds: 600 });
  });

  test('with several services the strictest rule holds', () => {
    const services = [planned('web'), planned('pg', { category: 'database' })];
    expect(approvalRule(plan({ services }), policy).required).toBe(2);
  });

  test('services with nothing to do ask for nothing', () => {
    const services = [planned('web'), planned('pg', { category: 'database', action: 'none' })];
    expect(approvalRule(plan({ services }), policy).required).toBe(0);
  });

  test('a removal is always agreed to by someone, whatever the policy says', () => {
    const risks = [
      { code: 'removal', service: 'web', message: 'web is removed', alwaysApprove: true },
    ] as const;
    expect(approvalRule(plan({ risks }), policy)).toMatchObject({ required: 1, reasons: ['web is removed'] });
  });

  test('a risk that only informs asks for nobody', () => {
    const risks = [{ code: 'latest-tag', service: 'web', message: 'latest', alwaysApprove: false }] as const;
    expect(approvalRule(plan({ risks }), policy).required).toBe(0);
  });
});

describe('voting', () => {
  test('the person who asked cannot be the one who approves', () => {
    expect(approverProblem(proposal(), ana)?.code).toBe('own-request');
  });

  test('unless the policy says so', () => {
    const rule = { ...proposal().rule, selfApproval: true };
    expect(approverProblem(proposal({ rule }), ana)).toBeNull();
  });

  test('a policy that names roles refuses approvers without one', () => {
    const rule = { ...proposal().rule, roles: ['owners'] };
    expect(approverProblem(proposal({ rule }), ben)?.code).toBe('not-allowed');
  });

  test('nobody votes twice', () => {
    const votes = [{ by: ben, verdict: 'approve', reason: null, at: '' }] as const;
    expect(voteProblem(proposal({ votes }), ben, now)?.message).toBe(
      'You already voted to approve p-222222.',
    );
  });

  test('a request past its time is expired even before the sweep noticed', () => {
    expect(closedProblem(proposal(), new Date('2026-01-01T01:00:00.000Z'))?.code).toBe('proposal-expired');
  });

  test('a request that runs says who approved it', () => {
    const votes = [{ by: ben, verdict: 'approve', reason: null, at: '' }] as const;
    const problem = closedProblem(proposal({ state: 'running', deployment: 'd-333333', votes }), now);
    expect(problem?.message).toBe('p-222222 already runs as deployment d-333333 and was approved by ben.');
  });
});

describe('access', () => {
  const access = {
    grants: [
      { role: 'deployers', capabilities: ['view', 'deploy'], environments: ['staging'] },
      { role: 'approvers', capabilities: ['approve'], environments: [] },
    ],
  } as const;

  test('a role gives its capabilities only in the environments it names', () => {
    expect(allowed(access, ana, { capability: 'deploy', environment: 'staging' })).toBe(true);
    expect(allowed(access, ana, { capability: 'deploy', environment: 'production' })).toBe(false);
  });

  test('a role without environments gives them everywhere', () => {
    expect(allowed(access, ben, { capability: 'approve', environment: 'production' })).toBe(true);
  });

  test('a person without a role may do nothing', () => {
    expect(allowed(access, { ...ana, roles: [] }, { capability: 'view', environment: undefined })).toBe(
      false,
    );
  });
});
