import { text } from '../../json.ts';
import { ProblemError } from '../../problems.ts';
import type { Api, Row } from './api.ts';

/** The scopes every login needs. The server adds none by itself, unlike its own forms. */
const scopes = ['openid', 'email', 'profile'].map((name) => `goauthentik.io/providers/oauth2/scope-${name}`);

/** The key pair every Authentik makes for itself; its own forms offer it as well. */
const usualKey = 'authentik Self-signed Certificate';

/** What a new login needs besides what a definition says. Set once: afterwards it belongs to whoever changes it. */
export async function oidcExtras(api: Api): Promise<Row> {
  const [mappings, key] = await Promise.all([
    api.all({ path: '/propertymappings/provider/scope/', what: 'list its scopes' }),
    signingKey(api),
  ]);
  return {
    client_type: 'confidential',
    // Releases that do not know the field ignore it.
    grant_types: ['authorization_code', 'refresh_token'],
    property_mappings: mappings.flatMap((row) =>
      scopes.includes(text(row['managed']) ?? '') ? (text(row['pk']) ?? []) : [],
    ),
    ...(key === null ? {} : { signing_key: key }),
  };
}

/** Without one, tokens are signed with the client secret, which most services refuse. */
async function signingKey(api: Api): Promise<string | null> {
  try {
    const rows = await api.all(
      { path: '/crypto/certificatekeypairs/', what: 'list its certificates' },
      { has_key: 'true', name: usualKey },
    );
    const found = rows.find((row) => row['name'] === usualKey && row['private_key_available'] !== false);
    return found === undefined ? null : text(found['pk']);
  } catch (error) {
    // A token that may not see certificates can still make a login; a person adds the key.
    if (error instanceof ProblemError && error.problem.code === 'system-refused') return null;
    throw error;
  }
}
