import { parseReference } from '../reference.ts';
import { imageAge } from '../shapes/image-shapes.ts';
import { parseFlags } from './flags.ts';
import { type Invocation, jsonFormat, needDaemon, oneArgument } from './invocation.ts';
import { table } from './rows.ts';
import { renderTemplate } from './template.ts';

export function pull(call: Invocation, argv: readonly string[]): void {
  const flags = parseFlags(argv, { 'q|quiet': 'bool', 'a|all-tags': 'bool', platform: 'value' });
  const name = oneArgument(flags, 'pull');
  needDaemon(call, '/images/create');
  const { image, isNew } = call.daemon.images.pull(name);
  const { familiar, tag, path } = parseReference(name);
  if (flags.has('quiet')) {
    call.out(`${familiar}\n`);
    return;
  }
  const status = isNew ? 'Downloaded newer image for' : 'Image is up to date for';
  call.out(
    `${tag}: Pulling from ${path}\nDigest: ${image.digest}\nStatus: ${status} ${familiar}\n${familiar}\n`,
  );
}

export function tag(call: Invocation, argv: readonly string[]): void {
  const [name = '', target = ''] = parseFlags(argv, {}).rest;
  needDaemon(call);
  call.daemon.images.tag(name, target);
}

export function removeImages(call: Invocation, argv: readonly string[]): void {
  const { rest } = parseFlags(argv, { 'f|force': 'bool', 'no-prune': 'bool' });
  needDaemon(call);
  for (const name of rest)
    for (const entry of call.daemon.images.untag(name, (image) =>
      call.daemon.containers.some(({ spec }) => spec.image === image),
    ))
      call.out(
        Object.entries(entry)
          .map(([key, value]) => `${key}: ${value}\n`)
          .join(''),
      );
}

export function images(call: Invocation, argv: readonly string[]): void {
  const flags = parseFlags(argv, {
    'a|all': 'bool',
    'q|quiet': 'bool',
    format: 'value',
    digests: 'bool',
    'no-trunc': 'bool',
    'f|filter': 'value',
  });
  needDaemon(call, '/images/json');
  const rows = call.daemon.images.all().flatMap((image) =>
    [...image.tags].map((name) => {
      const at = name.lastIndexOf(':');
      return {
        Repository: name.slice(0, at),
        Tag: name.slice(at + 1),
        ID: image.id.slice(7, 19),
        Digest: image.digest,
        CreatedSince: imageAge(image),
        Size: '1.98MB',
      };
    }),
  );
  const format = flags.last('format');
  if (flags.has('quiet')) call.out(rows.map(({ ID }) => `${ID}\n`).join(''));
  else if (format !== undefined)
    call.out(rows.map((row) => `${renderTemplate(jsonFormat(format), row)}\n`).join(''));
  else
    call.out(
      table(
        ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'],
        rows.map((row) => [row.Repository, row.Tag, row.ID, row.CreatedSince, row.Size]),
      ),
    );
}
