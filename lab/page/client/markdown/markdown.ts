import { html, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Around } from '../around.ts';
import { showTime } from '../../../discord/show-time.ts';
import type { FenceLine } from './fences.ts';
import { segmentsOf, type Segment, type Segments } from './segments.ts';

type Drawn = TemplateResult | string;

/** A text in Discord's markdown, drawn. */
export function markdown(text: string, around: Around): readonly Drawn[] {
  return draw(segmentsOf(text), around);
}

function draw(segments: Segments, around: Around): readonly Drawn[] {
  return segments.map((segment) => drawOne(segment, around));
}

function drawOne(segment: Segment, around: Around): Drawn {
  if ('id' in segment) return mention(segment, around);
  if ('inside' in segment && !('href' in segment)) return wrapped(segment, around);
  switch (segment.kind) {
    case 'text':
      return segment.text;
    case 'break':
      return html`<br />`;
    case 'code':
      return html`<code class="code">${segment.text}</code>`;
    case 'fence':
      return fence(segment.lines);
    case 'list':
      return listOf(segment, around);
    case 'time':
      return timeTemplate(segment, around.now);
    case 'link':
      return html`<a href=${segment.href} target="_blank" rel="noopener noreferrer"
        >${draw(segment.inside, around)}</a
      >`;
    case 'place':
      return placeLink(segment, around);
  }
}

type Wrapped = Exclude<Extract<Segment, { readonly inside: Segments }>, { readonly href: string }>;

function wrapped(segment: Wrapped, around: Around): TemplateResult {
  const inside = draw(segment.inside, around);
  switch (segment.kind) {
    case 'bold':
      return html`<strong>${inside}</strong>`;
    case 'italics':
      return html`<em>${inside}</em>`;
    case 'underline':
      return html`<u>${inside}</u>`;
    case 'strike':
      return html`<s>${inside}</s>`;
    case 'spoiler':
      return html`<details class="spoiler">
        <summary>Spoiler</summary>
        ${inside}
      </details>`;
    case 'quote':
      return html`<blockquote class="quote">${inside}</blockquote>`;
    case 'small':
      return html`<div class="small">${inside}</div>`;
    case 'heading':
      return html`<div class="heading level-${segment.level}" role="heading" aria-level=${segment.level + 2}>
        ${inside}
      </div>`;
  }
}

function listOf(list: Extract<Segment, { kind: 'list' }>, around: Around): TemplateResult {
  const items = list.items.map((item) => html`<li>${draw(item, around)}</li>`);
  return list.ordered
    ? html`<ol class="list" start=${list.start}>
        ${items}
      </ol>`
    : html`<ul class="list">
        ${items}
      </ul>`;
}

/** On one line in the source: every space in a code block is seen. */
function fence(lines: readonly FenceLine[]): TemplateResult {
  const drawn = lines.map((line, index) => [
    index === 0 ? '' : '\n',
    line.map(({ text, look }) =>
      look.length === 0
        ? text
        : html`<span class=${look.map((each) => `ink-${each}`).join(' ')}>${text}</span>`,
    ),
  ]);
  // prettier-ignore
  return html`<pre class="fence"><code>${drawn}</code></pre>`;
}

/** A moment; the page lets the relative ones tick (see `tickTimes`). */
export function timeTemplate(
  { at, style }: { readonly at: number; readonly style: string },
  now: number,
): TemplateResult {
  return html`<time
    class="time"
    datetime=${new Date(at).toISOString()}
    title=${showTime(at, 'F', { now })}
    data-style=${style}
    .textContent=${live(showTime(at, style, { now }))}
  ></time>`;
}

/** Brings all relative times of a page up to date. */
export function tickTimes(root: ParentNode, now: number): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[data-style="R"]')) {
    const text = showTime(Date.parse(time.dateTime), 'R', { now });
    if (time.textContent !== text) time.textContent = text;
  }
}

function placeLink(place: Extract<Segment, { kind: 'place' }>, around: Around): TemplateResult {
  const bare =
    place.inside.length === 1 && place.inside[0]?.kind === 'text' && place.inside[0].text === place.href;
  const known = around.names.channels[place.channel];
  const go = (event: Event) => {
    event.preventDefault();
    around.acts.open(place.channel, place.message);
  };
  if (known === undefined) return html`<span class="mention">#unknown</span>`;
  return html`<a class=${bare ? 'mention' : ''} href="#${place.channel}" @click=${go}
    >${bare ? `#${known}${place.message === null ? '' : ' › message'}` : draw(place.inside, around)}</a
  >`;
}

type Mention = Extract<Segment, { kind: 'user' | 'role' | 'channel' | 'command' }>;

function mention(segment: Mention, { names, me, acts }: Around): TemplateResult {
  switch (segment.kind) {
    case 'user':
      return html`<discord-mention type="user" ?highlight=${segment.id === me}
        >${names.users[segment.id] ?? 'unknown user'}</discord-mention
      >`;
    case 'role':
      return html`<discord-mention type="role"
        >${names.roles[segment.id] ?? 'unknown role'}</discord-mention
      >`;
    case 'channel':
      return html`<button class="mention" type="button" @click=${() => acts.open(segment.id, null)}>
        #${names.channels[segment.id] ?? 'unknown'}
      </button>`;
    case 'command':
      return html`<button class="mention" type="button" @click=${() => acts.use(segment.name)}>
        /${segment.name}
      </button>`;
  }
}
