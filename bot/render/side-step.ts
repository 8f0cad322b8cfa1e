import type { SideStage, SignOnState, Step, StepOf } from '../../engine/index.ts';
import { changeInLine } from './change.ts';
import { inline, words } from './text.ts';

/** What stands for each system, beside its name in words. */
export const icons: Readonly<Record<SideStage, string>> = {
  ...{ traefik: '🌐', dns: '🧭', authentik: '🔒', glance: '🗂' },
};

/** Whether a step is about a system around the services. */
export function isSide(step: Step): step is StepOf<SideStage> {
  return step.stage !== 'deploy' && step.stage !== 'verify';
}

/** What a person calls the things of a system: one of them, several. */
export function nounOf(step: StepOf<SideStage>): string {
  switch (step.stage) {
    case 'traefik':
      return 'route';
    case 'dns':
      return 'name';
    case 'authentik':
      return 'sign-on';
    case 'glance':
      return (step.after ?? step.before)?.kind ?? 'bookmark';
  }
}

const mostChanges = 3;

/** One short line: `🧭 new name grafana.home.example.net → 192.168.40.20`. */
export function sideLine(step: StepOf<SideStage>): string {
  const head = `${icons[step.stage]} ${step.before === null ? 'new ' : ''}${nounOf(step)} ${nameOf(step)}`;
  const end = step.irreversible === undefined ? '' : ` ⚠️ cannot be undone: ${words(step.irreversible)}`;
  return `${head}${restOf(step)}${end}`;
}

function restOf(step: StepOf<SideStage>): string {
  if (step.after === null) return step.cause === '' ? ' goes' : ` goes — ${words(step.cause)}`;
  if (step.before === null) return detailOf(step);
  const signOn = signOnChange(step);
  if (signOn !== null) return `: ${signOn}`;
  const shown = step.changes.slice(0, mostChanges).map((change) => changeInLine(change, step.target));
  const more = step.changes.length - shown.length;
  if (shown.length === 0) return `: ${words(step.cause)}`;
  return `: ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

const mostBesides = 1;

/** That people have to sign on, or no longer, comes first; of how it is written one line is enough, the diff has the rest. */
function signOnChange(step: StepOf<SideStage>): string | null {
  if (step.stage !== 'traefik' || step.before?.signOn === step.after?.signOn) return null;
  const besides = step.changes
    .filter(({ what }) => what === 'backend' || what.startsWith('host'))
    .slice(0, mostBesides)
    .map((change) => changeInLine(change, step.target));
  const said = step.after?.signOn === true ? 'now asks' : 'no longer asks';
  return [`${said} people to sign on`, ...besides].join('; ');
}

function nameOf(step: StepOf<SideStage>): string {
  const known = knownAs(step) ?? '';
  return inline(known === '' ? step.target : known);
}

function knownAs(step: StepOf<SideStage>): string | undefined {
  switch (step.stage) {
    case 'traefik':
      return (step.after ?? step.before)?.hostnames.join(', ');
    case 'dns':
    case 'authentik':
      return (step.after ?? step.before)?.name;
    case 'glance':
      return (step.after ?? step.before)?.title;
  }
}

/** What matters about something that is not there yet. */
function detailOf(step: StepOf<SideStage>): string {
  switch (step.stage) {
    case 'traefik': {
      const backend = step.after?.backend?.replace(/^http:\/\//, '') ?? null;
      const guard = step.after?.signOn === true ? ', behind sign-on' : '';
      return `${backend === null ? '' : ` → ${inline(backend)}`}${guard}`;
    }
    case 'dns':
      return ` → ${inline(step.after?.addresses.join(', ') ?? '')}`;
    case 'authentik':
      return ` (${methodOf(step.after)})`;
    case 'glance':
      return ` in ${inline(step.after?.list ?? '')}`;
  }
}

function methodOf(state: SignOnState | null): string {
  const provider = state?.provider ?? null;
  if (provider === null) return 'with its whole domain';
  if (provider.kind === 'oidc') return 'OpenID Connect';
  return provider.mode === 'proxy' ? 'through Authentik' : 'forward auth';
}
