import type { APIEmbed } from 'discord.js';
import type { Choice, CommandOption, Component } from '../discord/state.ts';

/* What the page's server and its client say to each other. Types only: the client is built for browsers. */

/** All that the page shows one person; sent whole whenever something of it changed. */
export interface PageView {
  /** Which life of the lab this is; another one after a reset. */
  readonly life: string;
  readonly guild: string;
  readonly bot: { readonly id: string; readonly name: string; readonly online: boolean };
  /** Who is looking. */
  readonly me: string;
  /** Whom the page can be looked at as, in the order of the switch. */
  readonly people: readonly PersonView[];
  /** Names behind mentions, by id. */
  readonly names: {
    readonly users: Readonly<Record<string, string>>;
    readonly roles: Readonly<Record<string, string>>;
    readonly channels: Readonly<Record<string, string>>;
    readonly commands: Readonly<Record<string, string>>;
  };
  /** Text channels first, then threads by age. */
  readonly channels: readonly ChannelView[];
  /** Of all channels the person sees, oldest first. */
  readonly messages: readonly MessageView[];
  /** Slash commands this person may use. */
  readonly commands: readonly CommandView[];
  /** A form the bot opened for this person, until it is sent or closed. */
  readonly dialog: DialogView | null;
  /** What Discord itself told this person, newest last: “The application did not respond”. */
  readonly notices: readonly NoticeView[];
  readonly systems: readonly SystemView[];
  readonly switches: readonly SwitchView[];
  readonly tour: readonly TourStepView[];
}

export interface PersonView {
  readonly id: string;
  readonly name: string;
  /** One word for the switch: deployer, approver, administrator, guest. */
  readonly part: string;
  /** What they may do, in a short sentence. */
  readonly may: string;
}
export interface ChannelView {
  readonly id: string;
  readonly name: string;
  /** The channel a thread belongs to. */
  readonly parent: string | null;
}
export interface MessageView {
  readonly id: string;
  readonly channel: string;
  readonly author: { readonly id: string; readonly name: string; readonly bot: boolean };
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly edited: boolean;
  readonly content: string;
  readonly embeds: readonly APIEmbed[];
  readonly components: readonly Component[];
  readonly attachments: readonly AttachmentView[];
  /** Sees only the one who looks. */
  readonly ephemeral: boolean;
  /** “Sentinel is thinking…” */
  readonly loading: boolean;
  /** The slash command it answers. */
  readonly command: { readonly name: string; readonly by: string } | null;
  readonly thread: { readonly id: string; readonly name: string; readonly messages: number } | null;
  /** Calls the one who looks: by name, by one of their roles, or everyone. */
  readonly callsMe: boolean;
}
export interface AttachmentView {
  readonly name: string;
  readonly type: string;
  readonly description: string | null;
  readonly size: number;
  /** On this server. */
  readonly url: string;
}
export interface CommandView {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly options: readonly CommandOption[];
}
export interface DialogView {
  readonly interaction: string;
  readonly title: string;
  readonly components: readonly Component[];
}
export interface NoticeView {
  readonly id: string;
  readonly channel: string;
  readonly text: string;
}

/** One system around the services, as it is now. */
export interface SystemView {
  readonly id: string;
  readonly name: string;
  /** Decides the picture: host, proxy, dns, signon, dashboard, git, pipeline. */
  readonly kind: 'host' | 'proxy' | 'dns' | 'signon' | 'dashboard' | 'git' | 'pipeline';
  readonly state: 'up' | 'down';
  /** Said when there is no row. */
  readonly empty: string;
  /** In a stable order; `key` tells what is the same row later. */
  readonly rows: readonly RowView[];
}
export interface RowView {
  readonly key: string;
  readonly text: string;
  readonly detail: string | null;
  readonly tone: 'good' | 'bad' | 'busy' | 'plain';
}

/** Something to break. */
export interface SwitchView {
  readonly id: string;
  readonly label: string;
  /** What to watch for then. */
  readonly explains: string;
  /** A switch stays until it is put back; a deed happens once. */
  readonly kind: 'switch' | 'deed';
  readonly on: boolean;
}
export interface TourStepView {
  readonly title: string;
  /** What to do, as Discord markdown. */
  readonly text: string;
  readonly done: boolean;
  /** Who does it; the page offers to become them. */
  readonly as: string | null;
  /** What can be put into the message box: `/plan service:grafana`. */
  readonly types: string | null;
}

/** Posted to `/api/do`. Answered with 204, or with 4xx and `{ "error": "…" }` for a person. */
export type Deed = { readonly as: string } & (
  | { readonly do: 'command'; readonly channel: string; readonly name: string; readonly options: Values }
  | { readonly do: 'say'; readonly channel: string; readonly text: string }
  | { readonly do: 'click'; readonly message: string; readonly button: string }
  | {
      readonly do: 'choose';
      readonly message: string;
      readonly select: string;
      readonly values: readonly string[];
    }
  | {
      readonly do: 'submit';
      readonly interaction: string;
      readonly values: Readonly<Record<string, string | readonly string[]>>;
    }
  /** Closes a form without sending it. */
  | { readonly do: 'close'; readonly interaction: string }
  /** Takes an ephemeral message or a notice away. */
  | { readonly do: 'dismiss'; readonly id: string }
  | { readonly do: 'switch'; readonly id: string; readonly on: boolean }
  /** The lab begins anew. */
  | { readonly do: 'reset' }
);
export type Values = Readonly<Record<string, string | number | boolean>>;

/** Posted to `/api/suggest`; answered with `Suggestions`, or 4xx and an error. */
export interface SuggestQuery {
  readonly as: string;
  readonly channel: string;
  readonly command: string;
  /** What is filled in so far. */
  readonly options: Values;
  /** The option that is typed now; its text is in `options` too. */
  readonly focused: string;
}
export type Suggestions = readonly Choice[];

/* `GET /api/view?as=<id>` is a stream of server-sent events; each `data` is a PageView as JSON. Without `as`: the first person. */

/** Messages to be looked at, each in a section with its id; for pictures. */
export interface GalleryView extends Pick<PageView, 'names' | 'people' | 'me' | 'bot'> {
  /** The moment at which they are looked at. */
  readonly now: number;
  readonly messages: readonly MessageView[];
}
