import { DockerError } from '../docker-error.ts';
import { findContainers, parseFilters } from '../filters.ts';
import { frameLogs, selectLogs } from '../logs.ts';
import { containerSummary } from '../shapes/container-shapes.ts';
import { type Answer, type Call, json, name, truthy } from './call.ts';

export function listContainers({ daemon, query }: Call): Answer {
  const all = truthy(query.get('all'));
  return json(findContainers(daemon, parseFilters(query.get('filters')), all).map(containerSummary));
}

export function containerLogs(call: Call): Answer {
  const { query, daemon } = call;
  const stdout = truthy(query.get('stdout'));
  const stderr = truthy(query.get('stderr'));
  if (!stdout && !stderr) throw new DockerError(400, 'Bad parameters: you must choose at least one stream');
  const tail = query.get('tail');
  const since = Number(query.get('since') ?? 0);
  const lines = selectLogs(daemon.container(name(call)), {
    stdout,
    stderr,
    tail: tail === null || tail === 'all' ? undefined : Number(tail),
    since: since > 0 ? new Date(since * 1000) : undefined,
    timestamps: truthy(query.get('timestamps')),
  });
  return { status: 200, raw: frameLogs(lines) };
}

export async function act(call: Call): Promise<Answer> {
  const { lifecycle } = call.daemon;
  const container = call.daemon.container(name(call));
  const verb = call.match[1];
  const wait = call.query.get('t');
  const grace = verb === 'kill' ? 0 : wait === null ? undefined : Number(wait) * 1000;
  const running = container.status === 'running';
  if (verb === 'start' && running) return { status: 304 };
  if (verb === 'stop' && container.status !== 'running' && container.status !== 'restarting')
    return { status: 304 };
  if (verb === 'kill' && !running)
    throw new DockerError(
      409,
      `Cannot kill container: ${name(call)}: Container ${container.id} is not running`,
    );
  if (verb !== 'start') await lifecycle.stop(container, grace);
  if (verb === 'start' || verb === 'restart') await lifecycle.start(container);
  return { status: 204 };
}

export function rename(call: Call): Answer {
  call.daemon.container(name(call)).name = call.query.get('name') ?? '';
  return { status: 204 };
}

export async function removeContainer(call: Call): Promise<Answer> {
  await call.daemon.remove(call.daemon.container(name(call)), truthy(call.query.get('force')));
  return { status: 204 };
}
