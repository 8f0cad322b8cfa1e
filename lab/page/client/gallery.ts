import { html, render } from 'lit';
import type { GalleryView } from '../view.ts';
import { noActs } from './around.ts';
import './gallery.css';
import { messageTemplate } from './message.ts';

const asked = await fetch('./gallery.json');
const { messages, ...around } = (await asked.json()) as GalleryView;
document.documentElement.dataset['theme'] = new URLSearchParams(location.search).get('theme') ?? 'dark';
const main = document.querySelector('main');
if (main !== null)
  render(
    messages.map(
      (message) =>
        html`<section id=${message.id}>
          <discord-messages>${messageTemplate(message, { ...around, acts: noActs })}</discord-messages>
        </section>`,
    ),
    main,
  );
await document.fonts.ready;
document.body.dataset['ready'] = 'yes';
