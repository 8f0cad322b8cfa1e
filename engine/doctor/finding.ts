import type { Problem } from '../problems.ts';

/** What is looked at, in the order it is told. */
export const areas = {
  program: 'This program',
  configuration: 'Configuration',
  discord: 'Discord',
  git: 'Git and GitLab',
  hosts: 'Hosts',
  traefik: 'Traefik',
  dns: 'DNS',
  authentik: 'Authentik',
  glance: 'Glance',
  notifications: 'Notifications',
} as const;
export type Area = keyof typeof areas;
export const areaNames = Object.keys(areas) as readonly Area[];

/** One thing that was looked at, and how it is. */
export interface Finding {
  readonly area: Area;
  /** What it is about: a host's name, a file, a role. */
  readonly subject: string;
  readonly state: 'good' | 'warning' | 'wrong' | 'skipped';
  /** A sentence that goes on from the subject. */
  readonly says: string;
  /** How to mend it; null where there is nothing to do. */
  readonly mend: string | null;
  /** One of docs/errors.md, where there is one. */
  readonly code?: Problem['code'];
}
type About = Pick<Finding, 'area' | 'subject'>;

export const good = (about: About, says: string): Finding => ({ ...about, state: 'good', says, mend: null });
export const skipped = (about: About, says: string): Finding => ({
  ...{ ...about, state: 'skipped', says },
  mend: null,
});
export const warning = (about: About, says: string, mend: string): Finding => ({
  ...{ ...about, state: 'warning', says, mend },
});
export const wrong = (about: About, says: string, mend: string): Finding => ({
  ...{ ...about, state: 'wrong', says, mend },
});
/** What already has words: its message and its hint. */
export const troubled = (about: About, { code, message, hint }: Problem): Finding => ({
  ...{ ...about, state: 'wrong', says: message, mend: hint ?? null },
  ...(code === 'unexpected' ? {} : { code }),
});
