import type { LabOpnsense } from '../../opnsense/opnsense.ts';
import type { SystemView } from '../../page/view.ts';
import type { Pihole } from '../../pihole/pihole.ts';

/** Local DNS records of Pi-hole; an address may have several names. */
export function lookAtPihole({ state }: Pick<Pihole, 'state'>, isOn: boolean): SystemView {
  const rows = state.hosts.flatMap((entry) => {
    const [address = '', ...names] = entry.split(/\s+/);
    return names.map((name) => ({
      ...{ key: name, text: `${name} → ${address}`, detail: null },
      tone: 'plain' as const,
    }));
  });
  return {
    ...{ id: 'pihole', name: 'Pi-hole', kind: 'dns', state: isOn ? 'up' : 'down' },
    empty: isOn ? 'No record yet.' : 'It does not answer.',
    rows: isOn ? rows.toSorted((one, other) => one.key.localeCompare(other.key)) : [],
  };
}

/** Host overrides of OPNsense, and whether Unbound serves them already. */
export function lookAtOpnsense({ state }: Pick<LabOpnsense, 'state'>): SystemView {
  const rows = state.overrides.map((override) => {
    const { uuid, hostname = '', domain = '', server = '', description = '' } = override;
    const served = state.served.includes(override);
    return {
      ...{ key: uuid, text: `${hostname}.${domain} → ${server}` },
      detail: served ? description || null : 'saved, and not served yet',
      tone: served ? ('plain' as const) : ('busy' as const),
    };
  });
  return {
    ...{ id: 'opnsense', name: 'OPNsense (staging)', kind: 'dns', state: 'up', empty: 'No override yet.' },
    rows: rows.toSorted((one, other) => one.text.localeCompare(other.text)),
  };
}
