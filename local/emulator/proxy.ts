/**
 * The reverse proxy in front of the emulator. Everything goes through it: local clients, the CDK, the functions. It
 * tells the emulator that the transport is secure (policies that deny plain HTTP would refuse a laptop), delays calls
 * as AWS does, injects faults, and writes down what was called.
 *
 * It lives in the process that started the emulator: a synchronous child process (execFileSync) that calls AWS would
 * wait for an answer that nobody can give.
 */
import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { errorAnswer } from './aws-errors';
import { readAwsRequest } from './aws-request';
import type { CallRecord, FaultEffect, FaultInjector } from './faults';
import { latencyOf, seededRandom, type LatencyProfile } from './latency';

/** A client that never gives up gets its connection cut after this time. */
const LONGEST_HOLD_MS = 60_000;

export interface Proxy {
  endpoint: string;
  /** null: no delay. Takes effect with the next call. */
  setLatency(profile: LatencyProfile | null): void;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Loopback port of the emulator. */
  upstreamPort: () => number;
  faults: FaultInjector;
  latency: LatencyProfile | null;
}

export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true });
  let delay = delayer(options.latency);
  const server = createServer((incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    handle({ incoming, outgoing, gone: gone.signal, agent, delay, options }).catch(() => outgoing.destroy());
  });
  // A synchronous invocation may take as long as a function may run; nothing here gives up before its client does.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    setLatency: (profile) => {
      delay = delayer(profile);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

type Delay = (service: string, action: string) => number;

function delayer(profile: LatencyProfile | null): Delay {
  if (profile === null) {
    return () => 0;
  }
  const next = seededRandom(profile.seed);
  return (service, action) => latencyOf(profile, service, action, next);
}

interface Exchange {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  /** Aborted when the client has gone, and also after the answer was sent. */
  gone: AbortSignal;
  agent: Agent;
  delay: Delay;
  options: ProxyOptions;
}

async function handle(exchange: Exchange): Promise<void> {
  const { incoming, outgoing, gone, options } = exchange;
  const body = await readAll(incoming);
  const method = incoming.method ?? 'GET';
  const request = readAwsRequest({ method, path: incoming.url ?? '/', headers: incoming.headers, body });
  const fault = options.faults.decide(request, body);
  const startedMs = Date.now();
  const { service, action, accessKeyId, parameters } = request;
  const call = options.faults.record({
    atMs: startedMs,
    service,
    action,
    accessKeyId,
    parameters,
    fault,
    status: 0,
    durationMs: 0,
  });
  outgoing.once('finish', () => {
    call.status = outgoing.statusCode;
    call.durationMs = Date.now() - startedMs;
  });
  await pause(exchange.delay(service, action), gone);
  switch (fault) {
    case 'throttle':
    case 'refuse':
    case 'server-error': {
      const answer = errorAnswer(fault, request);
      outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length }).end(answer.body);
      return;
    }
    case 'time-out':
      await pause(LONGEST_HOLD_MS, gone);
      outgoing.destroy();
      return;
    case 'lost-answer':
    case null:
      return forward(exchange, body, fault, call);
  }
}

/** Waits, or ends early when the client has gone. */
async function pause(ms: number, gone: AbortSignal): Promise<void> {
  if (ms > 0) {
    await sleep(ms, undefined, { signal: gone }).catch(() => undefined);
  }
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

async function forward(exchange: Exchange, body: Buffer, fault: FaultEffect | null, call: CallRecord): Promise<void> {
  const { incoming, outgoing, agent, options } = exchange;
  // The Host header stays as it was signed. The whole body is here: no chunks, and nobody to ask for a 100-continue.
  const { 'transfer-encoding': _chunked, expect: _expect, connection: _hop, ...headers } = incoming.headers;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const upstream = httpRequest(
      {
        host: '127.0.0.1',
        port: options.upstreamPort(),
        method: incoming.method,
        path: incoming.url,
        agent,
        headers: { ...headers, 'content-length': body.length, 'x-forwarded-proto': 'https' },
      },
      resolve,
    );
    upstream.once('error', reject);
    // The client may be gone, killed in the middle of its call: AWS applies what it was sent all the same.
    upstream.end(body);
  });
  // What was applied counts as such, whether or not anybody is left to hear of it.
  call.status = answer.statusCode ?? 0;
  if (fault === 'lost-answer') {
    await readAll(answer);
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
  for await (const chunk of answer) {
    outgoing.write(chunk);
  }
  outgoing.end();
}
