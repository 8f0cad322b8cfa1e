import type { IncomingMessage, ServerResponse } from 'node:http';
import sirv from 'sirv';
import { ClientRefusal } from '../discord/index.ts';
import { sendAttachment } from './attachments.ts';
import { doDeed, suggest, type Actor } from './do-deed.ts';
import { checkSender, setSafeHeaders } from './guard.ts';
import type { Lives } from './lives.ts';
import { PageRefusal } from './page-refusal.ts';
import { parseDeed, parseSuggestQuery } from './parse-deed.ts';
import { readJson } from './read-json.ts';
import { sightOf, type Sight } from './sight.ts';
import { viewOf } from './view-of.ts';
import { streamViews } from './view-stream.ts';

export interface RoutesParts {
  /** While it is opened, only the page itself is there, which waits for its first view. */
  readonly opening: Promise<Lives>;
  /** The built client's folder. */
  readonly client: string;
  readonly report: (error: unknown) => void;
}
export interface Routes {
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
  endStreams(): void;
}

/** Everything the page's server answers. */
export function createRoutes(parts: RoutesParts): Routes {
  const { opening, client, report } = parts;
  let opened: Lives | null = null;
  // That it could not be opened is told by who opens it.
  const whenOpen = opening.then(
    (lives) => (opened = lives),
    () => null,
  );
  const livesNow = (): Lives => {
    if (opened !== null) return opened;
    throw new PageRefusal(503, 'The lab is still being set up. Please try again in a moment.');
  };
  const streams = new Set<() => void>();
  const files = sirv(client, {
    etag: true,
    setHeaders: (response, path) =>
      response.setHeader(
        'cache-control',
        // Named by what is in them.
        path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      ),
  });

  const stream = async (
    request: IncomingMessage,
    response: ServerResponse,
    as: string | null,
  ): Promise<void> => {
    const lives = opened ?? (await whenOpen);
    if (lives === null) response.destroy();
    if (lives === null || response.destroyed) return;
    lives.idOf(as);
    const end = streamViews(request, response, {
      view: () => JSON.stringify(viewOf(lives.scene(), sightFor(lives, as).user)),
      watch: lives.watch,
      report,
    });
    streams.add(end);
    request.on('close', () => streams.delete(end));
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    setSafeHeaders(response);
    checkSender(request);
    const { pathname: path, searchParams } = addressOf(request);
    const as = searchParams.get('as');
    if (path === '/api/do' || path === '/api/suggest') {
      allow(request, ['POST']);
      const body = await readJson(request);
      if (path === '/api/do') await act(livesNow(), body, response);
      else await propose(livesNow(), body, response);
      return;
    }
    allow(request, path === '/api/view' ? ['GET'] : ['GET', 'HEAD']);
    if (path === '/api/view') await stream(request, response, as);
    else if (path.startsWith('/attachments/')) sendAttachment(response, path, sightFor(livesNow(), as));
    else
      files(request, response, () =>
        refuse(response, new PageRefusal(404, 'There is nothing at this address.')),
      );
  };
  return {
    answer(request, response) {
      answer(request, response).catch((error: unknown) => {
        const refusal = asRefusal(error);
        if (refusal.status === 500) report(error);
        refuse(response, refusal);
      });
    },
    endStreams() {
      for (const end of streams) end();
    },
  };
}

async function act(lives: Lives, body: unknown, response: ServerResponse): Promise<void> {
  const deed = parseDeed(body);
  if (deed.do === 'reset') {
    lives.idOf(deed.as);
    await lives.reset();
  } else await doDeed(actorFor(lives, deed.as), deed);
  response.writeHead(204).end();
}

async function propose(lives: Lives, body: unknown, response: ServerResponse): Promise<void> {
  const query = parseSuggestQuery(body);
  sendJson(response, 200, await suggest(actorFor(lives, query.as), query));
}

function actorFor(lives: Lives, as: string): Actor {
  const life = lives.current();
  const sight = sightFor(lives, as);
  const person = life.lab.discord.person(sight.user.id);
  if (person === undefined) throw new PageRefusal(404, 'Nobody here has this name.');
  return { life, person, sight };
}

function sightFor(lives: Lives, as: string | null): Sight {
  const { state } = lives.scene().lab.discord;
  const user = state.users.get(lives.idOf(as));
  if (user === undefined) throw new PageRefusal(404, 'Nobody here has this name.');
  return sightOf(state, user);
}

function addressOf({ url = '/' }: IncomingMessage): URL {
  const base = 'http://page.invalid';
  if (!URL.canParse(url, base)) throw new PageRefusal(400, 'This is no address.');
  return new URL(url, base);
}

function allow({ method = '' }: IncomingMessage, methods: readonly string[]): void {
  if (!methods.includes(method))
    throw new PageRefusal(405, `Only ${methods.join(' and ')} may be used here.`);
}

function asRefusal(error: unknown): PageRefusal {
  if (error instanceof PageRefusal) return error;
  if (error instanceof ClientRefusal) return new PageRefusal(409, error.message);
  return new PageRefusal(500, 'Something went wrong on the page’s side. The terminal says what.');
}

function refuse(response: ServerResponse, { status, message }: PageRefusal): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What is left of a body that was not read must not be taken for the next request.
  if (status === 413 || status === 415) response.setHeader('connection', 'close');
  sendJson(response, status, { error: message });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}
