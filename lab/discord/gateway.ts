import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { asRecord } from '../json.ts';
import { toGuild, toUser } from './wire.ts';
import { GUILDS, type World } from './world.ts';

export interface GatewaySession {
  readonly id: string;
  readonly intents: number;
  seq: number;
  socket: WebSocket | null;
  lostAt: number | null;
  /** Sent or waiting events, for RESUME. */
  readonly log: { readonly seq: number; readonly frame: string }[];
}

export interface GatewayControl {
  readonly sessions: ReadonlyMap<string, GatewaySession>;
  readonly identifies: number;
  readonly resumes: number;
  /** Close codes this side sent, newest last. */
  readonly closed: readonly number[];
  /** Cuts every connection without a word. `resume: false` also forgets the sessions. */
  drop(options?: { readonly resume?: boolean; readonly code?: number }): void;
  /** Op 7: please reconnect and resume. */
  reconnect(): void;
  /** Op 9. */
  invalidate(resumable?: boolean): void;
  /** Leaves heartbeats unanswered, as a half-dead connection does. */
  muteAcks(muted: boolean): void;
  /** Delivers the next event twice. */
  duplicateNext(times?: number): void;
  /** Answers the next connection attempt with an HTTP error. */
  refuseNext(status: number): void;
}
export interface Gateway extends GatewayControl {
  readonly dispatch: (event: string, payload: unknown, intents: number) => void;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly connected: () => boolean;
}

const RESUME_WINDOW = 3 * 60_000;
const MAX_LOG = 2000;
const VALID_INTENTS = 0x3f7_ffff;

/** Discord's gateway, version 10, JSON, uncompressed, one shard. */
export function createGateway(world: () => World, heartbeatMs: number): Gateway {
  const server = new WebSocketServer({ noServer: true, maxPayload: 1 << 20 });
  const sessions = new Map<string, GatewaySession>();
  const closed: number[] = [];
  const counts = { identifies: 0, resumes: 0 };
  const mood = { muted: false, duplicates: 0, refuse: 0 };

  const close = (socket: WebSocket, code: number, reason: string) => {
    closed.push(code);
    socket.close(code, reason);
  };
  const send = (socket: WebSocket, op: number, d: unknown = null) =>
    socket.send(JSON.stringify({ op, d, s: null, t: null }));

  const push = (session: GatewaySession, t: string, d: unknown) => {
    session.seq += 1;
    const frame = JSON.stringify({ op: 0, s: session.seq, t, d });
    session.log.push({ seq: session.seq, frame });
    if (session.log.length > MAX_LOG) session.log.shift();
    session.socket?.send(frame);
  };

  const dispatch: Gateway['dispatch'] = (event, payload, intents) => {
    const times = mood.duplicates > 0 && event === 'INTERACTION_CREATE' ? 2 : 1;
    if (times === 2) mood.duplicates -= 1;
    for (const session of sessions.values())
      if (intents === 0 || (session.intents & intents) !== 0)
        for (let count = 0; count < times; count += 1) push(session, event, payload);
  };

  const identify = (socket: WebSocket, d: unknown): GatewaySession | null => {
    const { token, intents, shard } = asRecord(d);
    const refused = identifyProblem(world(), { token, intents, shard });
    if (refused !== null) return (close(socket, refused.code, refused.reason), null);
    counts.identifies += 1;
    const session = { id: world().newId(), intents: Number(intents), seq: 0, socket, lostAt: null, log: [] };
    sessions.set(session.id, session);
    push(session, 'READY', readyOf(world(), session.id));
    if ((session.intents & GUILDS) !== 0) push(session, 'GUILD_CREATE', toGuild(world()));
    world().changed();
    return session;
  };

  const resume = (socket: WebSocket, d: unknown): GatewaySession | null => {
    const { token, session_id: id, seq } = asRecord(d);
    if (token !== world().token) return (close(socket, 4004, 'Authentication failed.'), null);
    const session = sessions.get(String(id));
    const forgotten =
      session !== undefined && typeof seq === 'number' && seq + 1 < (session.log[0]?.seq ?? 1);
    const tooLate = session?.lostAt != null && world().clock.now() - session.lostAt > RESUME_WINDOW;
    if (session === undefined || forgotten || tooLate) return (send(socket, 9, false), null);
    if (typeof seq !== 'number' || seq > session.seq) return (close(socket, 4007, 'Invalid seq.'), null);
    counts.resumes += 1;
    session.socket = socket;
    session.lostAt = null;
    for (const event of session.log.filter((each) => each.seq > seq)) socket.send(event.frame);
    push(session, 'RESUMED', { _trace: [] });
    world().changed();
    return session;
  };

  server.on('connection', (socket: WebSocket) => {
    let session: GatewaySession | null = null;
    let sent: number[] = [];
    send(socket, 10, { heartbeat_interval: heartbeatMs });
    socket.on('close', () => {
      if (session?.socket !== socket) return;
      session.socket = null;
      session.lostAt = world().clock.now();
      world().changed();
    });
    socket.on('message', (raw) => {
      const packet = parsePacket(raw);
      const now = world().clock.now();
      sent = [...sent.filter((at) => now - at < 60_000), now];
      if (packet === null) close(socket, 4002, 'Error while decoding payload.');
      else if (sent.length > 120) close(socket, 4008, 'You are being rate limited.');
      else if (packet.op === 1) {
        if (!mood.muted) send(socket, 11);
      } else if (packet.op === 2 || packet.op === 6) {
        if (session !== null) close(socket, 4005, 'Already authenticated.');
        else session = packet.op === 2 ? identify(socket, packet.d) : resume(socket, packet.d);
      } else if (session === null) close(socket, 4003, 'Not authenticated.');
      else if (packet.op !== 3 && packet.op !== 4) close(socket, 4001, 'Unknown opcode.');
    });
  });

  const sockets = () => [...server.clients];
  return {
    sessions,
    closed,
    get identifies() {
      return counts.identifies;
    },
    get resumes() {
      return counts.resumes;
    },
    dispatch,
    connected: () => [...sessions.values()].some(({ socket }) => socket !== null),
    upgrade(request, socket, head) {
      const status = mood.refuse;
      mood.refuse = 0;
      if (status !== 0)
        return void socket.end(
          `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
        );
      server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request));
    },
    drop({ resume: keep = true, code } = {}) {
      for (const socket of sockets())
        if (code === undefined) socket.terminate();
        else close(socket, code, '');
      if (!keep) sessions.clear();
    },
    reconnect: () => {
      for (const socket of sockets()) send(socket, 7);
    },
    invalidate(resumable = false) {
      if (!resumable) sessions.clear();
      for (const socket of sockets()) send(socket, 9, resumable);
    },
    muteAcks: (muted) => void (mood.muted = muted),
    duplicateNext: (times = 1) => void (mood.duplicates += times),
    refuseNext: (status) => void (mood.refuse = status),
  };
}

function identifyProblem(
  world: World,
  { token, intents, shard }: Record<'token' | 'intents' | 'shard', unknown>,
) {
  if (token !== world.token) return { code: 4004, reason: 'Authentication failed.' };
  if (typeof intents !== 'number' || (intents & ~VALID_INTENTS) !== 0)
    return { code: 4013, reason: 'Invalid intent(s).' };
  const privileged = (1 << 1) | (1 << 8) | (1 << 15);
  if ((intents & privileged) !== 0) return { code: 4014, reason: 'Disallowed intent(s).' };
  if (Array.isArray(shard) && (shard[0] !== 0 || shard[1] !== 1))
    return { code: 4010, reason: 'Invalid shard.' };
  return null;
}

function readyOf(world: World, session_id: string) {
  const { state } = world;
  const bot = state.users.get(state.botId);
  if (bot === undefined) throw new Error('the bot has no user');
  return {
    v: 10,
    user: { ...toUser(bot), verified: true, mfa_enabled: true, email: null },
    guilds: [{ id: state.guild.id, unavailable: true }],
    session_id,
    resume_gateway_url: world.origin().replace('http', 'ws'),
    shard: [0, 1],
    application: { id: state.applicationId, flags: 0 },
  };
}

function parsePacket(raw: RawData): { readonly op: number; readonly d: unknown } | null {
  try {
    const bytes = Array.isArray(raw) ? Buffer.concat(raw) : Buffer.from(raw as Buffer);
    const { op, d } = asRecord(JSON.parse(bytes.toString('utf8')));
    return typeof op === 'number' && bytes.byteLength <= 4096 ? { op, d } : null;
  } catch {
    return null;
  }
}
