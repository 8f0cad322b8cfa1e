import { Option, type Command } from 'commander';
import type { SideStage } from '../types.ts';
import { withActOptions, runDeed, type ActOptions } from './deed.ts';
import { containers, everything, ofStage } from './parts.ts';
import type { CliPorts } from './ports.ts';
import type { Run } from './run.ts';

interface DeployOptions extends ActOptions {
  readonly only?: 'containers';
}

/** `sentinel deploy`: makes services as Git defines them. */
export function addDeploy(program: Command, ports: CliPorts, run: Run): void {
  withActOptions(
    program
      .command('deploy')
      .description('make services as Git defines them, prove that they work, and undo what does not')
      .argument('[services...]', 'default: $SENTINEL_SERVICES, changes.json, or what the commits changed'),
  )
    .addOption(
      new Option('--only <part>', 'leave routes, names, sign-on and tiles to other jobs').choices([
        'containers',
      ]),
    )
    .action((services: string[], options: DeployOptions) =>
      run((signal) => {
        const part = options.only === 'containers' ? containers : everything;
        return runDeed({ command: 'deploy', given: services, options, part, removes: false }, ports, signal);
      }),
    );
}

/** `sentinel remove`: takes away everything of services Git does not define any more. */
export function addRemove(program: Command, ports: CliPorts, run: Run): void {
  withActOptions(
    program
      .command('remove')
      .description('take away everything of services that Git does not define any more, backwards')
      .argument('[services...]', 'default: $SENTINEL_SERVICES, changes.json, or what the commits removed'),
  ).action((services: string[], options: ActOptions) =>
    run((signal) =>
      runDeed(
        { command: 'remove', given: services, options, part: everything, removes: true },
        ports,
        signal,
      ),
    ),
  );
}

const about: Readonly<Record<SideStage, string>> = {
  traefik: 'routes through Traefik',
  dns: 'DNS records',
  authentik: 'applications in Authentik',
  glance: 'entries on the Glance dashboard',
};

/** `sentinel traefik`, `dns`, `authentik` and `glance`: one system around the services, for a job of its own. */
export function addStages(program: Command, ports: CliPorts, run: Run): void {
  for (const stage of ['traefik', 'dns', 'authentik', 'glance'] as const)
    withActOptions(
      program
        .command(stage)
        .description(`make ${about[stage]} as Git defines them, for services that stay`)
        .argument('[services...]', 'default: $SENTINEL_SERVICES, changes.json, or what the commits changed'),
    ).action((services: string[], options: ActOptions) =>
      run((signal) =>
        runDeed(
          { command: stage, given: services, options, part: ofStage(stage), removes: false },
          ports,
          signal,
        ),
      ),
    );
}
