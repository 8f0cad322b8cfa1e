import type { Publication } from '../../ports.ts';
import { oneLine } from '../../notify/one-line.ts';

export interface MessageParts {
  /** The message of the draft. */
  readonly draft: string;
  /** `{subject}` stands for the draft's first line. */
  readonly template: string;
  readonly publication: Pick<Publication, 'request' | 'approvedBy'>;
  /** Tells GitLab to make no pipeline for this commit. */
  readonly skipPipeline: boolean;
}

/** The message GitLab's commit gets: the convention of the repository, then who asked, who agreed and for which request. */
export function commitMessage({ draft, template, publication, skipPipeline }: MessageParts): string {
  const [, ...rest] = draft.split('\n');
  const { body, trailers } = split(withoutMarks(rest.join('\n')).trim());
  const ours = [
    ...trailers,
    ...publication.approvedBy.map((name) => `Approved-by: ${withoutMarks(oneLine(name))}`),
    `Sentinel-Request: ${oneLine(publication.request)}`,
  ];
  return [changeTitle(draft, template), body, skipPipeline ? '[skip ci]' : '', ours.join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The first line, in the convention of the repository. */
export function changeTitle(draft: string, template: string): string {
  const subject = oneLine(withoutMarks(draft.split('\n')[0] ?? ''));
  return oneLine(template.replaceAll('{subject}', () => subject));
}

/** What takes a change back that landed on top of something else. */
export function takeBackMessage({
  subject,
  commit,
  skipPipeline,
}: {
  readonly subject: string;
  readonly commit: string;
  readonly skipPipeline: boolean;
}): string {
  return [
    `Take back “${oneLine(withoutMarks(subject))}”`,
    'The branch moved while it was made.',
    ...(skipPipeline ? ['[skip ci]'] : []),
    `Sentinel-Takes-Back: ${commit}`,
  ].join('\n\n');
}

/** The draft ends with the trailer that says who asked; our own names elsewhere in it are quoted. */
function split(rest: string): { readonly body: string; readonly trailers: readonly string[] } {
  const paragraphs = rest.split(/\n{2,}/);
  const last = paragraphs.at(-1) ?? '';
  const ends = /^Requested-by: /m.test(last);
  const lines = ends ? last.split('\n') : [];
  const trailers = lines.filter((line) => !reserved.test(line));
  const body = (ends ? paragraphs.slice(0, -1) : paragraphs).join('\n\n');
  return { body: body.replace(everyReserved, '> $&'), trailers };
}

const reserved = /^\s*(?:approved-by|sentinel-[\w-]+)\s*:/i;
const everyReserved = /^\s*(?:approved-by|sentinel-[\w-]+)\s*:/gim;

/** A person's words must not keep the pipeline from running. */
function withoutMarks(text: string): string {
  return text.replace(/\[(ci[ _-]skip|skip[ _-]ci)\]/gi, '($1)');
}
