import type { Access, Actor, Proposal } from '../engine/index.ts';

/** Pure: whether somebody has any capability, or one in this environment. */
export function maySee({ grants }: Access, { roles }: Actor, environment?: string): boolean {
  return grants.some(
    ({ role, environments }) =>
      roles.includes(role) &&
      (environment === undefined || environments.length === 0 || environments.includes(environment)),
  );
}

/** Pure: the roles a request calls: those its rule names, else all that may approve there. */
export function approverRoles({ grants }: Access, { rule, plan }: Proposal): readonly string[] {
  if (rule.roles.length > 0) return rule.roles;
  const needed = plan.risks.some(({ code }) => code === 'inventory-changed') ? 'administer' : 'approve';
  const able = grants.filter(
    ({ capabilities, environments }) =>
      capabilities.includes(needed) && (environments.length === 0 || environments.includes(plan.environment)),
  );
  return [...new Set(able.map(({ role }) => role))];
}

/** Pure: every role a request may ever call because of a grant. */
export function callable({ grants }: Access): readonly string[] {
  return [
    ...new Set(grants.filter(({ capabilities }) => capabilities.includes('approve')).map(({ role }) => role)),
  ];
}
