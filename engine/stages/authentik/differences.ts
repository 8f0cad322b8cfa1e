import type { ShownChange, SignOnProviderState, SignOnState } from '../../types.ts';

/** What differs between two sides of an application, in the words of a plan; one line for each thing. */
export function differences(before: SignOnState | null, after: SignOnState | null): readonly ShownChange[] {
  const left = before === null ? {} : linesOf(before);
  const right = after === null ? {} : linesOf(after);
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((what) => {
    const change = { what, before: left[what] ?? null, after: right[what] ?? null };
    return change.before === change.after ? [] : [change];
  });
}

type Lines = Readonly<Record<string, string>>;

/** Everything a state says, as texts; what is empty is left out. */
function linesOf(state: SignOnState): Lines {
  if (state.leftover === true && state.provider !== null)
    return said({ ...providerLines(state.provider), outpost: state.outpost ?? '' });
  return said({
    application: state.name,
    group: state.group,
    icon: state.icon,
    opens: state.launchUrl,
    ...(state.provider === null ? {} : providerLines(state.provider)),
    outpost: state.outpost ?? '',
  });
}

function providerLines(provider: SignOnProviderState): Lines {
  const flows = {
    'authorization flow': provider.authorizationFlow,
    'invalidation flow': provider.invalidationFlow,
  };
  switch (provider.kind) {
    case 'proxy':
      return {
        provider: provider.name,
        guards: provider.externalHost,
        method: provider.mode === 'proxy' ? 'proxy' : 'forward_auth',
        'passes on to': provider.internalHost ?? '',
        'paths without a login': provider.skipPaths.join('  '),
        ...flows,
      };
    case 'oidc':
      return {
        provider: provider.name,
        method: 'oidc',
        'client id': provider.clientId,
        'client secret':
          provider.clientSecret === null
            ? 'a value Sentinel does not know'
            : `secret ${provider.clientSecret}`,
        'redirect addresses': provider.redirectUris.join('  '),
        ...flows,
      };
  }
}

function said(lines: Lines): Lines {
  return Object.fromEntries(Object.entries(lines).filter(([, text]) => text !== ''));
}
