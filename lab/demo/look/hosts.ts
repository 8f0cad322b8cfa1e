import type { RowView, SystemView } from '../../page/view.ts';
import type { Container } from '../../host/container.ts';
import type { SimulatedHost } from '../../host/simulated-host.ts';

/** Containers of one machine, as its Docker has them now. */
export function lookAtHost(host: SimulatedHost, isOn: boolean): SystemView {
  const rows = isOn && host.daemon.running ? host.daemon.containers.map(rowOf) : [];
  return {
    ...{ id: `host-${host.name}`, name: host.name, kind: 'host' },
    state: isOn ? 'up' : 'down',
    empty: isOn ? 'Nothing runs here.' : 'It is switched off.',
    rows: rows.toSorted((one, other) => one.key.localeCompare(other.key)),
  };
}

function rowOf({ name, spec, status, health, restarts, exitCode }: Container): RowView {
  const tag = spec.imageName.slice(spec.imageName.lastIndexOf('/') + 1);
  const words = [
    status === 'exited' ? `stopped (exit code ${exitCode})` : status,
    ...(status === 'running' && health !== undefined ? [health.status] : []),
    ...(restarts > 0 ? [`${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`] : []),
  ];
  return {
    ...{ key: name, text: `${name} · ${tag}`, detail: words.join(', ') },
    tone: toneOf(status, health?.status),
  };
}

function toneOf(status: Container['status'], health: string | undefined): RowView['tone'] {
  if (status === 'created' || health === 'starting') return 'busy';
  return status === 'running' && health !== 'unhealthy' ? 'good' : 'bad';
}
