import { DiscordActionRow } from '@skyra/discord-components-core/discord-action-row.js';
import { DiscordAttachments } from '@skyra/discord-components-core/discord-attachments.js';
import { DiscordAuthorInfo } from '@skyra/discord-components-core/discord-author-info.js';
import { DiscordCommand } from '@skyra/discord-components-core/discord-command.js';
import { DiscordFileAttachment } from '@skyra/discord-components-core/discord-file-attachment.js';
import { DiscordLink } from '@skyra/discord-components-core/discord-link.js';
import { DiscordMention } from '@skyra/discord-components-core/discord-mention.js';
import { DiscordMessage } from '@skyra/discord-components-core/discord-message.js';
import { DiscordMessages } from '@skyra/discord-components-core/discord-messages.js';
import { DiscordThread } from '@skyra/discord-components-core/discord-thread.js';
import { DiscordVerifiedAuthorTag } from '@skyra/discord-components-core/discord-verified-author-tag.js';
import { css, type CSSResult } from 'lit';
import { embedLooks } from './embed-look.ts';

/*
 * Skyra's components in our colours. Their own are fixed inside their shadow roots, in part below the contrast people
 * need; ours come from the variables of `message.css`, so that a change of theme needs no second drawing.
 */

interface Styled {
  elementStyles: unknown[];
}

/** A component and what is different of it. */
export type Look = readonly [Styled, CSSResult];

const looks: readonly Look[] = [
  ...embedLooks,
  [
    DiscordMessages,
    css`
      :host {
        background: transparent;
        border: 0;
        color: var(--text);
        font-family: var(--font);
        line-height: 1.375;
      }
      ::slotted(*:not(:first-child)) {
        margin-top: 0.75rem;
      }
    `,
  ],
  [
    DiscordMessage,
    css`
      :host {
        color: var(--text);
        font-family: var(--font);
        padding-right: 1rem;
      }
      :host(:hover) {
        background-color: var(--hover);
      }
      :host([highlight]),
      :host([highlight]:hover) {
        background-color: var(--ping);
        padding-right: 1rem;
      }
      .discord-author-avatar img {
        cursor: default;
      }
      .discord-message-content {
        min-width: 0;
      }
      .discord-message-timestamp,
      .discord-message-edited {
        color: var(--muted) !important;
        font-size: 0.75rem;
      }
      .discord-message-body-only-indent {
        flex: 0 0 56px;
        font-size: 0.625rem;
        margin-left: 0;
      }
      @media (max-width: 700px) {
        :host {
          padding-left: 0.75rem;
          padding-right: 0.75rem;
        }
        .discord-message-body-only-indent {
          flex-basis: 42px;
        }
        .discord-author-avatar {
          margin-right: 10px;
          min-width: 32px;
        }
        .discord-author-avatar img {
          height: 32px;
          width: 32px;
        }
      }
    `,
  ],
  [
    DiscordAuthorInfo,
    css`
      :host .discord-author-username,
      :host .discord-author-username:hover {
        color: var(--strong);
        cursor: default;
        text-decoration: none;
      }
    `,
  ],
  [
    DiscordVerifiedAuthorTag,
    css`
      :host {
        background-color: var(--brand);
        font-size: 0.6875rem;
        font-weight: 500;
      }
    `,
  ],
  [
    DiscordCommand,
    css`
      :host {
        color: var(--muted);
        font-family: var(--font);
      }
      :host:before {
        border-color: var(--line-strong) !important;
      }
      .discord-replied-message-username {
        color: var(--text) !important;
        opacity: 1 !important;
      }
      .discord-slash-command-name,
      .discord-slash-command-name * {
        background-color: transparent !important;
        color: var(--link) !important;
        cursor: default;
      }
      @media (max-width: 700px) {
        :host {
          margin-left: 42px;
        }
        :host:before {
          left: -26px;
        }
      }
    `,
  ],
  [
    DiscordMention,
    css`
      :host,
      :host(:hover) {
        background-color: var(--mention-back);
        color: var(--mention);
        cursor: default;
      }
    `,
  ],
  [
    DiscordThread,
    css`
      :host {
        background-color: var(--card);
        border: 1px solid var(--line);
        margin-top: 4px;
        max-width: 100%;
        box-sizing: border-box;
      }
      :host .discord-thread-name {
        color: var(--strong);
      }
      :host .discord-thread-cta {
        color: var(--link);
      }
      :host .discord-thread-bottom {
        color: var(--muted);
      }
    `,
  ],
  [
    DiscordFileAttachment,
    css`
      .discord-file-attachment-mosaic-style {
        background-color: var(--card);
        border: 1px solid var(--line);
        padding: 12px;
        width: 400px;
      }
      .discord-file-attachment-metadata {
        color: var(--muted);
      }
    `,
  ],
  [
    DiscordLink,
    css`
      a {
        color: var(--link) !important;
      }
    `,
  ],
];

/** Registers the components that are drawn and gives them our colours; once, before the first is made. */
export function dressComponents(): void {
  for (const [component, look] of looks) component.elementStyles = [...component.elementStyles, look];
}

/** Registered by being imported; named so that a bundler keeps them. */
export const registered = [DiscordActionRow, DiscordAttachments];
