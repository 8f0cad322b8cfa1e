import { containersOf, selectServices, serviceContainer } from '../compose/run.ts';
import { label } from '../compose/spec.ts';
import { selectLogs } from '../logs.ts';
import { type ComposeCall, nameOf, projectOrName } from './compose-call.ts';
import { composePsRow, table } from './rows.ts';

export function ps(call: ComposeCall): void {
  const { flags, daemon, out } = call;
  const name = nameOf(projectOrName(call));
  const states = flags.all('status');
  const rows = containersOf(daemon, name)
    .filter(({ spec }) => flags.rest.length === 0 || flags.rest.includes(spec.service))
    .filter(
      ({ status }) =>
        flags.has('all') || states.length > 0 || status === 'running' || status === 'restarting',
    )
    .filter(({ status }) => states.length === 0 || states.includes(status))
    .map(composePsRow)
    .sort((a, b) => a.Name.localeCompare(b.Name));
  if (flags.has('quiet')) out(rows.map(({ ID }) => `${ID}\n`).join(''));
  else if (flags.has('services'))
    out([...new Set(rows.map(({ Service }) => Service))].map((one) => `${one}\n`).join(''));
  else if (flags.last('format') === 'json') out(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  else
    out(
      table(
        ['NAME', 'IMAGE', 'COMMAND', 'SERVICE', 'CREATED', 'STATUS', 'PORTS'],
        rows.map((row) => [
          row.Name,
          row.Image,
          row.Command,
          row.Service,
          row.RunningFor,
          row.Status,
          row.Ports,
        ]),
      ),
    );
}

export function ls({ flags, daemon, out }: ComposeCall): void {
  const projects = new Map<string, { states: string[]; files: string }>();
  for (const { spec, status } of daemon.containers) {
    const name = spec.labels[label.project];
    if (name === undefined || (!flags.has('all') && status !== 'running')) continue;
    const entry = projects.get(name) ?? { states: [], files: spec.labels[label.files] ?? '' };
    entry.states.push(status);
    projects.set(name, entry);
  }
  const count = (states: readonly string[]) =>
    [...new Set(states)]
      .sort()
      .map((state) => `${state}(${states.filter((one) => one === state).length})`)
      .join(', ');
  const rows = [...projects]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([Name, { states, files }]) => ({ Name, Status: count(states), ConfigFiles: files }));
  if (flags.has('quiet')) out(rows.map(({ Name }) => `${Name}\n`).join(''));
  else if (flags.last('format') === 'json') out(`${JSON.stringify(rows)}\n`);
  else
    out(
      table(
        ['NAME', 'STATUS', 'CONFIG FILES'],
        rows.map((row) => [row.Name, row.Status, row.ConfigFiles]),
        16,
      ),
    );
}

export function images(call: ComposeCall): void {
  const { flags, daemon, out } = call;
  const rows = containersOf(daemon, nameOf(projectOrName(call))).map((container) => {
    const { imageName, image } = container.spec;
    const colon = imageName.lastIndexOf(':');
    return {
      ID: image.id,
      ContainerName: container.name,
      Repository: imageName.slice(0, colon),
      Tag: imageName.slice(colon + 1),
      Size: 1_984_164,
    };
  });
  if (flags.has('quiet')) out(rows.map(({ ID }) => `${ID.slice(7)}\n`).join(''));
  else if (flags.last('format') === 'json') out(`${rows.length > 0 ? JSON.stringify(rows) : 'null'}\n`);
  else
    out(
      table(
        ['CONTAINER', 'REPOSITORY', 'TAG', 'IMAGE ID', 'SIZE'],
        rows.map((row) => [row.ContainerName, row.Repository, row.Tag, row.ID.slice(7, 19), '1.98MB']),
      ),
    );
}

export function logs(call: ComposeCall): void {
  const { flags, daemon, out } = call;
  const project = call.load();
  const tail = flags.last('tail');
  const query = {
    stdout: true,
    stderr: true,
    since: sinceOf(flags.last('since')),
    timestamps: flags.has('timestamps'),
    tail: tail === undefined || tail === 'all' ? undefined : Number(tail),
  };
  for (const { name } of selectServices(project, flags.rest, false)) {
    const container = serviceContainer(daemon, project.name, name);
    if (!container) continue;
    // This release clears the line first, with --ansi never too.
    const prefix = `\u001b[2K${flags.has('no-log-prefix') ? '' : `${name}-1  | `}`;
    for (const { text } of selectLogs(container, query)) out(`${prefix}${text}\n`);
  }
}

function sinceOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const ago = /^(\d+)(s|m|h)$/.exec(text);
  if (!ago) return new Date(text);
  return new Date(
    Date.now() - Number(ago[1]) * ({ s: 1000, m: 60_000, h: 3_600_000 }[ago[2] ?? 's'] ?? 1000),
  );
}
