import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import dnsPacket, { type Answer as Record, type Question } from 'dns-packet';

/** What the server says about a name: its addresses of that type, or that it does not know, or nothing at all. */
export type DnsReply = readonly string[] | 'refused' | 'unknown' | 'failed' | 'silent';

export interface DnsServerOptions {
  /** The name comes in lower case, without a dot at the end. */
  readonly answer: (name: string, type: 'A' | 'AAAA') => DnsReply;
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** Seconds an answer may be kept; none unless told. */
  readonly ttl?: number;
}

/** A small authoritative DNS server over UDP, on a port of its own. */
export interface DnsServer {
  readonly address: string;
  readonly port: number;
  /** What was asked: `A grafana.home.lan`. */
  readonly questions: readonly string[];
  /** Nothing listens any more; the port is kept for `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const { address = '127.0.0.1' } = options;
  const questions: string[] = [];
  const listen = (port: number): Promise<Socket> => openSocket({ address, port }, answered);
  let socket: Socket | null = await listen(0);
  const { port } = socket.address();

  function answered(packet: Buffer): Buffer | null {
    const { id = 0, questions: [question] = [] } = dnsPacket.decode(packet);
    if (question === undefined) return null;
    questions.push(`${question.type} ${question.name}`);
    const reply = replyTo(question, options);
    return reply === 'silent' ? null : encode({ id, question, reply, ttl: options.ttl ?? 0 });
  }
  async function down(): Promise<void> {
    const open = socket;
    socket = null;
    if (open === null) return;
    open.close();
    await once(open, 'close');
  }
  return {
    address,
    port,
    questions,
    down,
    async up() {
      socket ??= await listen(port);
    },
    close: down,
  };
}

async function openSocket(
  at: { readonly address: string; readonly port: number },
  answered: (packet: Buffer) => Buffer | null,
): Promise<Socket> {
  const socket = createSocket(at.address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (packet, { address, port }) => {
    const reply = answered(packet);
    if (reply !== null) socket.send(reply, port, address);
  });
  socket.bind(at.port, at.address);
  await once(socket, 'listening');
  return socket;
}

/** Types it keeps nothing of are asked elsewhere by a real one; without an elsewhere they are refused. */
function replyTo({ name, type }: Question, { answer }: DnsServerOptions): DnsReply {
  if (type !== 'A' && type !== 'AAAA') return 'refused';
  return answer(name.toLowerCase().replace(/\.$/, ''), type);
}

interface Reply {
  readonly id: number;
  readonly question: Question;
  readonly reply: Exclude<DnsReply, 'silent'>;
  readonly ttl: number;
}

const codes = { failed: 2, unknown: 3, refused: 5 } as const;

function encode({ id, question, reply, ttl }: Reply): Buffer {
  const known = typeof reply === 'string' ? [] : reply;
  const code = typeof reply === 'string' ? codes[reply] : 0;
  const answers = known.map((data): Record => ({
    type: question.type === 'AAAA' ? 'AAAA' : 'A',
    name: question.name,
    ttl,
    data,
  }));
  return dnsPacket.encode({
    type: 'response',
    id,
    flags: dnsPacket.AUTHORITATIVE_ANSWER | dnsPacket.RECURSION_DESIRED | code,
    questions: [question],
    answers,
  });
}
