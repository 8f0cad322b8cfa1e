import type { Plan, Proposal } from '../../engine/index.ts';
import { customId } from '../buttons.ts';
import { colour, type Control, type Embed, type Field, type Message, type TextFile } from './message.ts';
import { code, count, fence, link, moment, person, relative, short, words } from './text.ts';
import { checksField } from './proofs.ts';
import { isPartial } from './left-out.ts';
import { isSide } from './side-step.ts';
import { stepGroups } from './step.ts';
import { titleOf, verbOf } from './title.ts';
import { verdict } from './verdict.ts';

const shownGroups = 8;

/** The plan as one embed, with the buttons its rule allows. */
export function renderProposal(proposal: Proposal): Message {
  return isNothing(proposal)
    ? { embeds: [nothingToDo(proposal)] }
    : { embeds: [onlyAPlan(proposal)], rows: [buttons(proposal)], whole: planFile(proposal) };
}

/** Says that nothing has begun, which a title such as *Deploy grafana* leaves open. */
function onlyAPlan(proposal: Proposal): Embed {
  const embed = planEmbed(proposal);
  const head = proposal.plan.risks.length > 0 ? '⚠️ Plan with risks' : '📋 Plan';
  return { ...embed, title: `${head} · ${embed.title}` };
}

/** No step and no commit: everything is as it should be, and was looked at. */
export function isNothing({ plan, draft, request }: Proposal): boolean {
  return plan.steps.length === 0 && draft === null && request.kind !== 'gate';
}

/** The plan's body without buttons; also what an approval card shows. */
export function planEmbed(proposal: Proposal, pipeline: string | null = null): Embed {
  const { plan } = proposal;
  const groups = stepGroups(plan.steps);
  const rest = groups.slice(shownGroups).reduce((sum, { steps }) => sum + steps, 0);
  return {
    title: words(titleOf(proposal)),
    colour: plan.risks.length > 0 ? colour.warning : colour.neutral,
    description: [verdictLine(proposal), originOf(proposal, pipeline), ...needsOf(proposal)].join('\n'),
    fields: [
      ...keptField(proposal),
      ...groups.slice(0, shownGroups).map(({ field }) => field),
      ...(rest > 0 ? [{ name: '…', value: `and ${count(rest, 'more step')}, see *Full diff*` }] : []),
      ...checksField(plan),
      ...risksField(plan),
      { name: 'If it fails', value: ifItFails(proposal) },
    ],
    footer: `plan ${short(plan.digest)} · request ${proposal.id}`,
  };
}

/** What did not happen must not read as if it did. */
function verdictLine(proposal: Proposal): string {
  const { state } = proposal;
  const isOver = state === 'rejected' || state === 'expired' || state === 'stale';
  return isOver ? `It would have been: ${verdict(proposal)}.` : `**${verdict(proposal)}.**`;
}

/** The whole plan with its diff as a file, for when a card is too small. */
export function planFile({ plan, id }: Proposal): TextFile {
  const steps = plan.steps.map((step) =>
    [
      `${step.id} (${step.system}): ${step.cause}`,
      ...step.changes.map(
        ({ what, before, after }) => `    ${what}: ${before ?? '(none)'} → ${after ?? '(none)'}`,
      ),
      ...(step.irreversible === undefined ? [] : [`    cannot be undone: ${step.irreversible}`]),
    ].join('\n'),
  );
  const text = [
    `Plan ${plan.digest}`,
    `Commit ${plan.revision} · ${plan.environment}`,
    '',
    ...steps,
    '',
    ...plan.risks.map(({ message }) => `! ${message}`),
    '',
    plan.diff,
  ];
  return { name: `plan-${id}.diff`, text: text.join('\n') };
}

function nothingToDo({ plan, id }: Proposal): Embed {
  const proofs = plan.services.map(({ name, displayName, host, proof }) => ({
    name: `${words(displayName || name)} · ${words(host)}`,
    value: proof.length > 0 ? proof.map((line) => `✅ ${words(line)}`).join('\n') : noDifference(plan, name),
  }));
  const partial = isPartial(plan);
  const commit = `commit ${code(short(plan.revision))} says`;
  return {
    title: `${partial ? '⚠️ Nothing Sentinel may change' : '✅ Nothing to do'} · ${words(plan.environment)}`,
    colour: partial ? colour.warning : colour.good,
    description: partial
      ? `Not everything is as ${commit}: see Risks. The rest was compared and found equal.`
      : `Everything is as ${commit}. Compared and found equal:`,
    fields: [...risksField(plan), ...proofs],
    footer: `plan ${short(plan.digest)} · request ${id}`,
  };
}

function noDifference({ risks }: Plan, service: string): string {
  return risks.some((risk) => risk.service === service)
    ? 'no other difference found'
    : '✅ no difference found';
}

function originOf({ plan, requestedBy, request, draft, offer }: Proposal, pipeline: string | null): string {
  if (request.kind === 'gate')
    return `${link(`Pipeline ${request.pipeline}`, pipeline)} of ${words(request.repository)} waits with **${words(request.job.name)}** · by ${person(requestedBy)} · commit ${code(short(plan.revision))}`;
  // A commit that is on no branch yet gets another id where the server makes it.
  const commit =
    draft === null ? `commit ${code(short(plan.revision))}` : `a new commit on ${code(draft.branch)}`;
  const reason = request.reason === undefined ? '' : ` — “${words(request.reason)}”`;
  const merged = offer === null ? '' : ` · merge request ${link(offer.label, offer.url)}`;
  const route = request.route === 'pipeline' ? ' · by its pipeline' : '';
  return `${person(requestedBy)} asks${reason} · ${commit}${merged}${route}`;
}

/** How many must still agree, who, until when; and why, where it is more than the policy. */
function needsOf({ rule, votes, expiresAt, state, plan }: Proposal): readonly string[] {
  if (state !== 'open' && state !== 'pending') return [];
  if (rule.required === 0) return [`Expires ${relative(expiresAt)}.`];
  const given = votes.filter(({ verdict: said }) => said === 'approve').length;
  const missing = count(Math.max(0, rule.required - given), given > 0 ? 'more approval' : 'approval');
  const who = rule.selfApproval ? '' : ' from somebody else';
  // What is a risk as well is said there.
  const special = rule.reasons.filter(
    (reason) =>
      !reason.startsWith('the policy for ') && !plan.risks.some(({ message }) => message === reason),
  );
  return [
    `${missing} needed${who}, by ${moment(expiresAt, rule.expiresSeconds > 43_200)}.`,
    ...special.map((reason) => `• ${words(reason)}`),
  ];
}

/** What a person should know before saying yes, and afterwards. */
export function risksField({ risks }: Plan): readonly Field[] {
  if (risks.length === 0) return [];
  const lines = risks.map(
    ({ message, alwaysApprove }) => `⚠️ ${words(message)}${alwaysApprove ? ' 🔒' : ''}`,
  );
  if (risks.some(({ alwaysApprove }) => alwaysApprove))
    lines.push('🔒 someone else must always agree to this');
  return [{ name: 'Risks', value: lines.join('\n') }];
}

function ifItFails({ plan, request }: Proposal): string {
  if (request.kind === 'gate' && plan.steps.length === 0)
    return '⚠️ Sentinel cannot tell: the pipeline left no plan.';
  const effects = plan.steps.filter(({ stage }) => stage !== 'verify');
  const fixed = effects.filter(({ irreversible }) => irreversible !== undefined);
  if (effects.length === 0) return 'No system changes, so there is nothing to undo.';
  if (fixed.length === effects.length) return '⚠️ It cannot be undone.';
  const hosts = effects.filter((step) => !isSide(step));
  const fresh = hosts.every(({ before }) => before === null);
  const back = fresh ? 'What was started is removed again.' : 'What runs now is put back and checked again.';
  return [
    ...(hosts.length > 0 ? [back] : []),
    ...(effects.some(isSide) || plan.steps.some(isAround) ? [degrades] : []),
    ...(fixed.length > 0 ? [`⚠️ ${count(fixed.length, 'step')} cannot be undone.`] : []),
  ].join(' ');
}
const degrades = 'If only a route, name, sign-on or dashboard fails, the service keeps running: degraded.';

function isAround(step: Plan['steps'][number]): boolean {
  return step.stage === 'verify' && step.after !== null && step.after.kind !== 'service';
}

/** What a commit makes Git say, where the plan has no other place for it. */
function keptField({ request, plan }: Proposal): readonly Field[] {
  if (request.kind !== 'keep') return [];
  const lines = plan.diff.split('\n').filter((line) => /^(?:\+(?!\+\+)|-(?!--))/.test(line));
  return lines.length === 0 ? [] : [{ name: 'In Git', value: fence(lines.join('\n'), 'diff') }];
}

function buttons({ id, request, rule, state, plan }: Proposal): readonly Control[] {
  const diff: Control = {
    kind: 'button',
    style: 'secondary',
    label: 'Full diff',
    id: customId('full-diff', id),
  };
  if (state !== 'open') return [diff];
  if (request.kind === 'deploy' && request.deleteVolumes === true)
    return [
      { kind: 'button', style: 'danger', label: 'Delete volumes…', id: customId('confirm-delete', id) },
      diff,
    ];
  if (rule.required > 0)
    return [
      { kind: 'button', style: 'primary', label: 'Request approval', id: customId('request-approval', id) },
      diff,
    ];
  return [
    {
      kind: 'button',
      style: plan.risks.length > 0 ? 'danger' : 'success',
      label: verbOf(request.kind, plan),
      id: customId('deploy', id),
    },
    diff,
  ];
}
