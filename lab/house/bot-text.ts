/** A role of the guild and what its members may do, in the order of `bot.yml`. */
export interface BotRole {
  /** Its id in Discord. */
  readonly role: string;
  readonly name: string;
  readonly capabilities: readonly string[];
}
export interface BotText {
  readonly guild: string;
  readonly channel: string;
  readonly roles: readonly BotRole[];
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
  /** Lines of `approvals:`, indented by two spaces. */
  readonly approvals?: string;
  /** Projects of GitLab whose CI/CD variables are secrets too. */
  readonly variablesOf?: readonly string[];
}

/** `bot.yml` of the lab's house. */
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
  approvals = '',
  variablesOf = [],
}: BotText): string {
  return `discord:
  guild: "${guild}"
  channel: "${channel}"

repositories:
${typeof repository === 'string' ? folderEntry(repository) : repository.lines}

roles:
${roles.map(roleEntry).join('\n')}

approvals:
  fallback:
    required: ${required}
    expires: ${expires}
${approvals}
ssh:
  keys:
    default: ${key}

secrets:
  directory: ${secrets}
  send_to: ${JSON.stringify(sendTo)}
${variablesOf.length > 0 ? `  gitlab: { projects: ${JSON.stringify(variablesOf)} }\n` : ''}
state: ${state}

health:
  listen: 127.0.0.1:${listen}
${more}`;
}

function roleEntry({ role, name, capabilities }: BotRole): string {
  return `  - role: "${role}"
    name: ${name}
    capabilities: [${capabilities.join(', ')}]`;
}

function folderEntry(folder: string): string {
  return `  - name: homelab
    path: ${folder}
    layout: fleet
    branch: main`;
}
