import { DiscordEmbed } from '@skyra/discord-components-core/discord-embed.js';
import { DiscordEmbedDescription } from '@skyra/discord-components-core/discord-embed-description.js';
import { DiscordEmbedField } from '@skyra/discord-components-core/discord-embed-field.js';
import { DiscordEmbedFields } from '@skyra/discord-components-core/discord-embed-fields.js';
import { DiscordEmbedFooter } from '@skyra/discord-components-core/discord-embed-footer.js';
import { css } from 'lit';
import type { Look } from './look.ts';

/** Embeds in our colours and measures. */
export const embedLooks: readonly Look[] = [
  [
    DiscordEmbed,
    css`
      :host {
        color: var(--text);
        max-width: 100%;
        margin: 4px 0;
      }
      :host .discord-embed-root {
        flex: 0 1 auto;
      }
      :host .discord-embed-wrapper {
        background-color: var(--card);
        border: 1px solid var(--line);
        border-left: 0;
        max-width: 540px;
        min-width: 0;
      }
      :host .discord-embed-wrapper .discord-embed-grid {
        display: grid;
        grid-template-columns: minmax(0, auto);
        padding: 0.375rem 1rem 0.875rem 0.75rem;
      }
      slot[name='footer']::slotted(*) {
        grid-column: 1/1;
      }
    `,
  ],
  [
    DiscordEmbedDescription,
    css`
      :host {
        line-height: 1.3;
        word-break: break-word;
      }
    `,
  ],
  [
    DiscordEmbedFields,
    css`
      :host {
        grid-template-columns: repeat(12, minmax(0, 1fr));
      }
      ::slotted([data-of='2'][inline-index='1']) {
        grid-column: 1/7 !important;
      }
      ::slotted([data-of='2'][inline-index='2']) {
        grid-column: 7/13 !important;
      }
      ::slotted([data-of='1']) {
        grid-column: 1/13 !important;
      }
      @media (max-width: 480px) {
        ::slotted([data-of][inline-index][inline]) {
          grid-column: 1/13 !important;
        }
      }
    `,
  ],
  [
    DiscordEmbedField,
    css`
      :host {
        line-height: 1.3;
      }
    `,
  ],
  [
    DiscordEmbedFooter,
    css`
      :host {
        color: var(--muted);
        word-break: break-word;
      }
    `,
  ],
];
