import type { DeploymentEvent } from '../events.ts';
import type { Plan, Step } from '../types.ts';
import { filled } from './repository-options.ts';
import { paint, renderProblem } from './print.ts';
import type { CliPorts } from './ports.ts';

/** Tells people what is done, a line for each step, in sections that fold where GitLab shows the log. */
export interface Progress {
  note(event: DeploymentEvent): void;
  end(): void;
}

export function createProgress({ steps }: Pick<Plan, 'steps'>, ports: CliPorts): Progress {
  const known = new Map<string, Step>(steps.map((step) => [step.id, step]));
  const began = new Map<string, number>();
  const sections = createSections(ports);
  const line = (mark: string, event: { readonly step: string; readonly at: string }, rest: string): void => {
    const step = known.get(event.step);
    const start = began.get(event.step);
    const seconds = start === undefined ? '' : `  ${((Date.parse(event.at) - start) / 1000).toFixed(1)} s`;
    const what = step === undefined ? event.step : `${step.stage} ${step.service}  ${step.target}`;
    ports.out(`${mark} ${what}${seconds}${rest === '' ? '' : `  ${rest}`}\n`);
  };
  return {
    note(event) {
      const at = Date.parse(event.at);
      if (event.type === 'step-started') {
        began.set(event.step, at);
        sections.enter(event.phase === 'unwind' ? 'undo' : (known.get(event.step)?.stage ?? 'step'), at);
      } else if (event.type === 'step-done') {
        line(paint(ports.color, 'green', '✓'), event, event.did.join(', '));
      } else if (event.type === 'step-failed') {
        line(paint(ports.color, 'red', '✗'), event, '');
        sections.leave(at); // nobody should have to unfold what went wrong
        ports.out(renderProblem(event.problem, ports));
      } else if (event.type === 'step-skipped') {
        line('-', event, `skipped: ${event.because}`);
      } else if (event.type === 'unwinding') {
        for (const step of event.steps) known.set(step.id, step);
        sections.leave(at);
        ports.out(`${paint(ports.color, 'yellow', '↩')} ${event.service} is put back as it was\n`);
      }
    },
    end: () => sections.leave(Date.now()),
  };
}

const titles: Readonly<Record<string, string>> = {
  deploy: 'Files and containers',
  traefik: 'Routes',
  dns: 'Names',
  authentik: 'Sign-on',
  glance: 'Dashboard',
  verify: 'Checks',
  undo: 'Putting back',
};

/** GitLab's own marks; elsewhere a heading would only be in the way. */
function createSections({ env, out }: CliPorts) {
  const folds = filled(env['GITLAB_CI']) !== undefined;
  let open: { readonly kind: string; readonly name: string } | null = null;
  let number = 0;
  const leave = (at: number): void => {
    if (open !== null) out(`\u001b[0Ksection_end:${Math.floor(at / 1000)}:${open.name}\r\u001b[0K\n`);
    open = null;
  };
  return {
    enter(kind: string, at: number): void {
      if (!folds || open?.kind === kind) return;
      leave(at);
      number += 1;
      open = { kind, name: `sentinel_${kind}_${number}` };
      const start = `section_start:${Math.floor(at / 1000)}:${open.name}[collapsed=true]`;
      out(`\u001b[0K${start}\r\u001b[0K${titles[kind] ?? kind}\n`);
    },
    leave,
  };
}
