import {
  examineProject,
  examineToken,
  serverVersion,
  type ExaminedBranch,
  type ExaminedProject,
  type ExaminedToken,
} from '../providers/gitlab/examine.ts';
import type { Gitlab } from '../providers/gitlab/gitlab.ts';
import type { Check } from './examine.ts';
import { good, skipped, warning, wrong, type Finding } from './finding.ts';

/** What bot.yml wants to do with one project. */
export interface WantedProject {
  readonly path: string;
  /** By environment, its branch and whether changes are pushed to it or merged into it. */
  readonly branches: readonly { readonly name: string; readonly changes: 'commit' | 'merge-request' }[];
  /** The bot listens for its webhook. */
  readonly webhook: boolean;
}

type About = Pick<Finding, 'area' | 'subject'>;

/** The server, and what its token is good for. Only reads. */
export function gitlabServerCheck(gitlab: Gitlab, now: () => Date): Check {
  const about = { area: 'git', subject: gitlab.url } as const;
  return { ...about, look: (signal) => server(about, { gitlab, now }, signal) };
}

/** One project, and what the token's user may do in it. Only reads. */
export function gitlabProjectCheck(gitlab: Gitlab, wanted: WantedProject): Check {
  const about = { area: 'git', subject: wanted.path } as const;
  return { ...about, look: (signal) => oneProject(about, { gitlab, wanted }, signal) };
}

async function server(
  about: About,
  { gitlab, now }: { readonly gitlab: Gitlab; readonly now: () => Date },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const token = await examineToken(gitlab, signal);
  const version = await serverVersion(gitlab, signal);
  return [
    good(about, `GitLab ${version ?? 'of an unknown version'} accepts the token.`),
    ...tokenFindings(about, token, now()),
  ];
}

function tokenFindings(about: About, token: ExaminedToken | null, now: Date): readonly Finding[] {
  if (token === null)
    return [
      skipped(
        about,
        'does not tell what the token may do (it is not a personal, project or group access token).',
      ),
    ];
  const { scopes, expiresAt } = token;
  const scope = scopes.includes('api')
    ? good(about, 'the token has the scope `api`.')
    : wrong(
        about,
        `the token has the scopes ${scopes.join(', ')}, but not \`api\`.`,
        'Make a new token with the scope `api`.',
      );
  return [scope, expiry(about, expiresAt, now)];
}

const dayMs = 86_400_000;

function expiry(about: About, expiresAt: string | null, now: Date): Finding {
  if (expiresAt === null) return good(about, 'the token does not expire.');
  const days = Math.floor((Date.parse(expiresAt) - now.getTime()) / dayMs);
  const mend = 'Rotate it (in GitLab under Access tokens) and put the new one in place.';
  if (days < 0) return wrong(about, `the token expired on ${expiresAt}.`, mend);
  return days < 21
    ? warning(about, `the token expires on ${expiresAt}, in ${days} days.`, mend)
    : good(about, `the token is good until ${expiresAt}.`);
}

const developer = 30;
const roleNames: Readonly<Record<number, string>> = {
  0: 'no role',
  5: 'Minimal access',
  10: 'Guest',
  15: 'Planner',
  20: 'Reporter',
  30: 'Developer',
  40: 'Maintainer',
  50: 'Owner',
  60: 'Admin',
};

async function oneProject(
  about: About,
  { gitlab, wanted }: { readonly gitlab: Gitlab; readonly wanted: WantedProject },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const names = wanted.branches.map(({ name }) => name);
  const found = await examineProject(gitlab, { project: wanted.path, branches: names }, signal);
  return [
    roleFinding(about, found),
    ...wanted.branches.map((branch) =>
      branchFinding(
        about,
        branch,
        found.branches.find(({ name }) => name === branch.name),
      ),
    ),
    ...(wanted.webhook ? [hookFinding(about, found)] : []),
  ];
}

function roleFinding(about: About, { accessLevel }: ExaminedProject): Finding {
  if (accessLevel === null) return skipped(about, 'does not tell the role of the token’s user.');
  const role = roleNames[accessLevel] ?? `level ${accessLevel}`;
  if (accessLevel >= developer) return good(about, `the token’s user is ${role}.`);
  return wrong(
    about,
    `the token’s user is only ${role}.`,
    'Make it Developer, or Maintainer where branches or environments are protected, under Manage → Members of the project.',
  );
}

function branchFinding(
  about: About,
  { name, changes }: WantedProject['branches'][number],
  found: ExaminedBranch | undefined,
): Finding {
  if (found === undefined || !found.exists)
    return wrong(about, `has no branch ${name}.`, 'Push it, or correct `branch` in bot.yml.');
  const guarded = found.isProtected ? 'protected branch' : 'branch';
  if (changes === 'commit')
    return found.canPush
      ? good(about, `the token’s user may push to the ${guarded} ${name}.`)
      : wrong(
          about,
          `the token’s user may not push to the ${guarded} ${name}.`,
          'Allow it under Settings → Repository → Protected branches, or set `changes: merge-request` in bot.yml.',
        );
  switch (found.mayMerge) {
    case 'yes':
      return good(about, `the token’s user may merge into the ${guarded} ${name}.`);
    case 'no':
      return wrong(
        about,
        `the token’s user may not merge into the ${guarded} ${name}.`,
        'Allow it under Settings → Repository → Protected branches.',
      );
    case 'unknown':
      return skipped(about, `whether the token’s user may merge into the ${guarded} ${name} cannot be told.`);
  }
}

function hookFinding(about: About, { hooks }: ExaminedProject): Finding {
  if (hooks === null)
    return skipped(
      about,
      'its webhooks are shown to Maintainers only, so whether ours is there cannot be told.',
    );
  const ours = hooks.find(({ url }) => url.endsWith('/hooks/gitlab'));
  const mend =
    'Add it under Settings → Webhooks: the address of the bot with /hooks/gitlab behind it, the token, and the events of pipelines and jobs. Without it the bot looks by itself, a little later.';
  if (ours === undefined) return warning(about, 'has no webhook that leads to the bot.', mend);
  const silent = [...(ours.pipelines ? [] : ['pipelines']), ...(ours.jobs ? [] : ['jobs'])];
  if (silent.length > 0)
    return warning(
      about,
      `its webhook does not tell of ${silent.join(' and ')}.`,
      'Tick these events under Settings → Webhooks.',
    );
  return good(about, 'its webhook tells the bot of pipelines and jobs.');
}
