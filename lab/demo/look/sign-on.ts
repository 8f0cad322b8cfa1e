import type { AuthentikLab } from '../../authentik/index.ts';
import { asText } from '../../authentik/state.ts';
import type { SystemView } from '../../page/view.ts';

/** Applications of Authentik, each with how its provider lets people in. */
export function lookAtAuthentik({ state }: Pick<AuthentikLab, 'state'>): SystemView {
  const rows = state.applications.map(({ fields }) => {
    const provider = state.providers.find(({ pk }) => pk === fields['provider']);
    const group = asText(fields['group']);
    const guards = asText(provider?.fields['external_host']);
    const words = [
      ...(provider === undefined ? ['no provider'] : [provider.kind === 'proxy' ? 'forward auth' : 'OpenID']),
      ...(guards === '' ? [] : [`guards ${guards}`]),
      ...(group === '' ? [] : [`in ${group}`]),
    ];
    return {
      ...{ key: asText(fields['slug']), text: asText(fields['name']), detail: words.join(', ') },
      tone: 'plain' as const,
    };
  });
  return {
    ...{ id: 'authentik', name: 'Authentik', kind: 'signon', state: 'up', empty: 'No application yet.' },
    rows: rows.toSorted((one, other) => one.key.localeCompare(other.key)),
  };
}
