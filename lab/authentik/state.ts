import { randomUUID } from 'node:crypto';

export type Fields = Record<string, unknown>;

/** What the stand-in keeps; tests read it and change it as a person with the web interface would. */
export interface AuthentikState {
  flows: LabFlow[];
  providers: LabProvider[];
  applications: LabApplication[];
  outposts: LabOutpost[];
  /** Rules about who may use what; they go with what they are about. */
  bindings: LabBinding[];
  groups: LabGroup[];
  readonly scopes: readonly { readonly pk: string; readonly managed: string; readonly scope: string }[];
  readonly certificates: readonly { readonly pk: string; readonly name: string }[];
  readonly requests: LabRequest[];
}
export interface LabFlow {
  readonly pk: string;
  readonly slug: string;
  readonly designation: 'authentication' | 'authorization' | 'invalidation';
}
export interface LabProvider {
  readonly pk: number;
  readonly kind: 'proxy' | 'oauth2' | 'ldap';
  /** What can be written, and `client_id`. */
  fields: Fields;
}
export interface LabApplication {
  readonly pk: string;
  fields: Fields;
}
export interface LabBinding {
  readonly pk: string;
  /** `target`, `order`, and one of `policy`, `group` and `user`. */
  fields: Fields;
}
export interface LabGroup {
  readonly pk: string;
  readonly name: string;
}
export interface LabOutpost {
  readonly pk: string;
  name: string;
  readonly type: 'proxy' | 'ldap';
  readonly managed: string | null;
  providers: number[];
  config: Fields;
}
export interface LabRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

export const embeddedName = 'authentik Embedded Outpost';
export const embeddedMark = 'goauthentik.io/outposts/embedded';

/** A field as a text; whatever is no text or number counts as empty. */
export function asText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** A server as it is after its first start. */
export function freshState(origin: string): AuthentikState {
  const flow = (slug: string, designation: LabFlow['designation']): LabFlow => ({
    pk: randomUUID(),
    slug,
    designation,
  });
  return {
    flows: [
      flow('default-authentication-flow', 'authentication'),
      flow('default-provider-authorization-implicit-consent', 'authorization'),
      flow('default-provider-authorization-explicit-consent', 'authorization'),
      flow('default-provider-invalidation-flow', 'invalidation'),
      flow('default-invalidation-flow', 'invalidation'),
    ],
    providers: [],
    applications: [],
    bindings: [],
    groups: [{ pk: randomUUID(), name: 'authentik Admins' }],
    outposts: [
      {
        pk: randomUUID(),
        name: embeddedName,
        type: 'proxy',
        managed: embeddedMark,
        providers: [],
        config: { authentik_host: origin, log_level: 'info' },
      },
    ],
    scopes: ['openid', 'email', 'profile', 'offline_access'].map((scope) => ({
      pk: randomUUID(),
      managed: `goauthentik.io/providers/oauth2/scope-${scope}`,
      scope,
    })),
    certificates: [{ pk: randomUUID(), name: 'authentik Self-signed Certificate' }],
    requests: [],
  };
}
