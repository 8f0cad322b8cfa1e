import type { Call } from './lab.ts';
import { text } from './params.ts';
import type { Reply } from './reply.ts';

/** One page of a list, with GitLab's headers; `uncounted` lists never tell how many there are. */
export function page(
  { params, url }: Pick<Call, 'params' | 'url'>,
  all: readonly unknown[],
  options: { readonly uncounted?: boolean } = {},
): Reply {
  const number = Math.max(1, Number(text(params, 'page') ?? '1') || 1);
  const size = Math.min(100, Math.max(1, Number(text(params, 'per_page') ?? '20') || 20));
  const last = Math.max(1, Math.ceil(all.length / size));
  const link = (wanted: number, rel: string): string => {
    const to = new URL(url);
    to.searchParams.set('page', String(wanted));
    to.searchParams.set('per_page', String(size));
    return `<${to.href}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link(number - 1, 'prev')] : []),
    ...(number < last ? [link(number + 1, 'next')] : []),
    link(1, 'first'),
    ...(options.uncounted === true ? [] : [link(last, 'last')]),
  ];
  const totals = { 'x-total': String(all.length), 'x-total-pages': String(last) };
  return {
    status: 200,
    headers: {
      'x-page': String(number),
      'x-per-page': String(size),
      'x-next-page': number < last ? String(number + 1) : '',
      'x-prev-page': number > 1 ? String(number - 1) : '',
      link: links.join(', '),
      ...(options.uncounted === true ? {} : totals),
    },
    body: all.slice((number - 1) * size, number * size),
  };
}
