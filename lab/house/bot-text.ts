export interface BotText {
  readonly guild: string;
  readonly channel: string;
  readonly roles: { readonly deployers: string; readonly approvers: string };
  readonly repository: string;
  readonly key: string;
  readonly state: string;
  readonly secrets: string;
  /** Addresses by the name of the secret that may be sent there. */
  readonly sendTo: Readonly<Record<string, string>>;
  /** How many must agree to anything in production. */
  readonly required: number;
}

/** `bot.yml` of the lab's house: deployers ask, approvers agree. */
export function botText({
  guild,
  channel,
  roles,
  repository,
  key,
  state,
  secrets,
  sendTo,
  required,
}: BotText): string {
  return `discord:
  guild: "${guild}"
  channel: "${channel}"

repositories:
  - name: homelab
    path: ${repository}
    layout: fleet
    branch: main

roles:
  - role: "${roles.deployers}"
    name: deployers
    capabilities: [view, deploy, rollback]
  - role: "${roles.approvers}"
    name: approvers
    capabilities: [view, approve, administer]

approvals:
  fallback:
    required: ${required}
    expires: 1h

ssh:
  keys:
    default: ${key}

secrets:
  directory: ${secrets}
  send_to: ${JSON.stringify(sendTo)}

state: ${state}

health:
  listen: 127.0.0.1:0
`;
}
