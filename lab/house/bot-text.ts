export interface BotText {
  readonly guild: string;
  readonly channel: string;
  readonly roles: { readonly deployers: string; readonly approvers: string };
  /** A folder with a Git repository, or the lines of the entry itself. */
  readonly repository: string | { readonly lines: string };
  /** More sections. */
  readonly more?: string;
  /** Where it listens for hooks; default: any port. */
  readonly listen?: number;
  readonly key: string;
  readonly state: string;
  readonly secrets: string;
  /** Addresses by the name of the secret that may be sent there. */
  readonly sendTo: Readonly<Record<string, string>>;
  /** How many must agree to anything in production. */
  readonly required: number;
  /** `1h` */
  readonly expires: string;
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
  expires,
  more = '',
  listen = 0,
}: BotText): string {
  return `discord:
  guild: "${guild}"
  channel: "${channel}"

repositories:
${typeof repository === 'string' ? folderEntry(repository) : repository.lines}

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
    expires: ${expires}

ssh:
  keys:
    default: ${key}

secrets:
  directory: ${secrets}
  send_to: ${JSON.stringify(sendTo)}

state: ${state}

health:
  listen: 127.0.0.1:${listen}
${more}`;
}

function folderEntry(folder: string): string {
  return `  - name: homelab
    path: ${folder}
    layout: fleet
    branch: main`;
}
