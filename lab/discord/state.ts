import type { APIEmbed } from 'discord.js';

/** Everything the stand-in knows, as plain values a test can read. */
export interface DiscordState {
  readonly guild: { readonly id: string; readonly name: string; readonly ownerId: string };
  readonly applicationId: string;
  readonly botId: string;
  readonly users: Map<string, LabUser>;
  readonly roles: Map<string, LabRole>;
  /** Text channels and threads. */
  readonly channels: Map<string, LabChannel>;
  /** What exists now; a deleted message moves to `deleted`. */
  readonly messages: Map<string, LabMessage>;
  readonly deleted: Map<string, LabMessage>;
  readonly interactions: Map<string, LabInteraction>;
  readonly commands: Map<string, LabCommand>;
  /** Webhooks of channels, as people make them in a channel's settings. */
  readonly webhooks: Map<string, LabWebhook>;
  readonly requests: LabRequest[];
  /** Every 429 that was answered, faults excepted. */
  readonly rateLimited: { readonly route: string; readonly scope: string; readonly at: number }[];
  readonly unknownRoutes: string[];
}

export interface LabUser {
  readonly id: string;
  readonly name: string;
  readonly bot: boolean;
  roles: readonly string[];
}
export interface LabRole {
  readonly id: string;
  readonly name: string;
  permissions: bigint;
  readonly mentionable: boolean;
  readonly position: number;
}
export interface LabWebhook {
  readonly id: string;
  readonly token: string;
  readonly channelId: string;
}
export interface LabChannel {
  readonly id: string;
  name: string;
  /** 0 text, 11 public thread, 12 private thread. */
  readonly type: 0 | 11 | 12;
  readonly parentId: string | null;
  readonly ownerId: string;
  readonly createdAt: number;
  overwrites: readonly Overwrite[];
  thread: ThreadState | null;
}
export interface Overwrite {
  readonly id: string;
  readonly type: 0 | 1;
  readonly allow: bigint;
  readonly deny: bigint;
}
export interface ThreadState {
  readonly messageId: string | null;
  archived: boolean;
  locked: boolean;
  autoArchiveMinutes: number;
  lastActiveAt: number;
}

/** One state of a message. An edit replaces the record, so one kept by a test stays as it was seen. */
export interface LabMessage extends MessageContent {
  readonly id: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly createdAt: number;
  readonly editedAt: number | null;
  /** Earlier contents, oldest first. */
  readonly edits: readonly MessageContent[];
  /** Who was notified at creation: user ids, role ids, `everyone`, `here`. */
  readonly pinged: readonly string[];
  readonly nonce: string | number | null;
  readonly interactionId: string | null;
  /** The only person who can see it, when it is ephemeral. */
  readonly visibleTo: string | null;
  readonly referenceId: string | null;
  readonly pinned: boolean;
  readonly reactions: readonly { readonly emoji: string; readonly users: readonly string[] }[];
}
export interface MessageContent {
  readonly content: string;
  readonly embeds: readonly APIEmbed[];
  readonly components: readonly Component[];
  readonly attachments: readonly LabAttachment[];
  readonly flags: number;
}
export interface LabAttachment {
  readonly id: string;
  readonly filename: string;
  readonly contentType: string;
  readonly description: string | null;
  readonly bytes: Buffer;
}

/** Any component, read loosely; the limits decide what is allowed where. */
export interface Component {
  readonly type: number;
  readonly id?: number;
  readonly custom_id?: string;
  readonly label?: string;
  readonly style?: number;
  readonly disabled?: boolean;
  readonly url?: string;
  readonly emoji?: { readonly name?: string; readonly id?: string };
  readonly placeholder?: string;
  readonly min_values?: number;
  readonly max_values?: number;
  readonly min_length?: number;
  readonly max_length?: number;
  readonly required?: boolean;
  readonly value?: string;
  readonly content?: string;
  readonly description?: string;
  readonly accent_color?: number | null;
  readonly options?: readonly SelectOption[];
  readonly components?: readonly Component[];
  readonly component?: Component;
  readonly accessory?: Component;
}
export interface SelectOption {
  readonly label: string;
  readonly value: string;
  readonly description?: string;
  readonly default?: boolean;
}

export interface LabCommand {
  readonly id: string;
  readonly version: string;
  readonly guildId: string | null;
  readonly type: number;
  readonly name: string;
  readonly description: string;
  readonly options: readonly CommandOption[];
  readonly defaultMemberPermissions: string | null;
  /** As registered. */
  readonly definition: Readonly<Record<string, unknown>>;
}
export interface CommandOption {
  readonly type: number;
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
  readonly autocomplete?: boolean;
  readonly choices?: readonly Choice[];
  readonly options?: readonly CommandOption[];
  readonly min_value?: number;
  readonly max_value?: number;
  readonly min_length?: number;
  readonly max_length?: number;
}
export interface Choice {
  readonly name: string;
  readonly value: string | number;
}

export interface LabInteraction {
  readonly id: string;
  readonly token: string;
  readonly kind: 'command' | 'autocomplete' | 'component' | 'modal';
  /** The command, or the custom_id. */
  readonly name: string;
  readonly userId: string;
  readonly channelId: string;
  readonly createdAt: number;
  /** The message whose component was used, also behind a modal. */
  readonly sourceId: string | null;
  ack: { readonly type: number; readonly at: number; readonly ephemeral: boolean } | null;
  /** What `@original` means. */
  originalId: string | null;
  /** How often the original was edited after the acknowledgement. */
  originalEdits: number;
  followUpIds: readonly string[];
  modal: OpenedModal | null;
  choices: readonly Choice[] | null;
}
export interface OpenedModal {
  readonly customId: string;
  readonly title: string;
  readonly components: readonly Component[];
}

export interface LabRequest {
  readonly method: string;
  readonly path: string;
  /** The route's template, or the path of an unknown one. */
  readonly route: string;
  readonly status: number;
  readonly at: number;
  readonly body: unknown;
  readonly reason: string | null;
}
