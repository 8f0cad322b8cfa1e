import type { ApprovalRule, Draft, Offer, ProposalState, Vote } from '../../engine/index.ts';
import { flag, integer, keyOf, list, number, object, text } from './shape.ts';

export const proposalState = keyOf<ProposalState>({
  open: true,
  pending: true,
  running: true,
  done: true,
  rejected: true,
  expired: true,
  stale: true,
});

export const verdict = keyOf<Vote['verdict']>({ approve: true, reject: true });

export const rule = object<ApprovalRule>({
  required: integer,
  selfApproval: flag,
  expiresSeconds: number,
  roles: list(text),
  reasons: list(text),
});

export const offer = object<Offer>({ label: text, url: text });

export const draft = object<Draft>({ commit: text, base: text, branch: text });
