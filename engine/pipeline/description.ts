import type { Plan, Proposal, ShownChange, Step } from '../types.ts';
import { code } from './markdown.ts';

const mostSteps = 60;

/** What a merge request says: who asked, why, and the plan, as Markdown nobody can smuggle anything into. */
export function describePlan({ id, plan, request, requestedBy, rule }: Proposal): string {
  const { services, steps, risks, digest, environment } = plan;
  const { reason } = request;
  const sections = [
    `**${code(requestedBy.name)}** asked Sentinel for this in ${code(environment)} (request ${code(id)}).`,
    ...(reason === undefined ? [] : [`Reason: ${code(reason)}`]),
    list(
      'Services',
      services.map(({ name, host, action }) => `${code(name)} on ${code(host)}: ${action}`),
    ),
    list('What it does', stepsOf(plan)),
    list(
      'Risks',
      risks.map(({ service, message }) => `${service === '' ? '' : `${code(service)}: `}${code(message)}`),
    ),
    list(
      'Needs',
      rule.reasons.map((needed) => code(needed)),
    ),
    steps.length === 0 ? '' : `Plan ${code(digest)}`,
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** What a merge request says that takes the commit of an undone deployment back. */
export function describeRevert({ id, plan, requestedBy }: Proposal, commit: string): string {
  return `The deployment of request ${code(id)} by ${code(requestedBy.name)} in ${code(plan.environment)} was undone. This takes its commit ${code(commit.slice(0, 8))} back, so that Git says what runs.\n`;
}

function stepsOf({ steps }: Plan): readonly string[] {
  const shown = steps.slice(0, mostSteps).map(stepLine);
  return steps.length > mostSteps ? [...shown, `and ${steps.length - mostSteps} more`] : shown;
}

function stepLine({ stage, target, system, cause, changes, irreversible }: Step): string {
  const lost = irreversible === undefined ? [] : [`**cannot be put back:** ${code(irreversible)}`];
  const parts = [...changes.map(changeText), ...lost];
  const more = parts.length === 0 ? '' : parts.map((part) => `\n  - ${part}`).join('');
  return `**${stage}** ${code(target)} on ${code(system)} (${code(cause)})${more}`;
}

const changeText = ({ what, before, after }: ShownChange): string =>
  `${code(what)}: ${code(before ?? 'absent')} → ${code(after ?? 'absent')}`;

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [`### ${title}`, '', ...lines.map((line) => `- ${line}`)].join('\n');
}
