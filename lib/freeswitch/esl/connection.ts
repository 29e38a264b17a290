import { assertNever } from '../../domain/model';
import { hasControlBytes, refuseUnsafe, verbOf } from './command';
import { type EslEvent, type EslEventFormat, type EslEventName, parseEvent } from './events';
import { EslFailure, type EslFailureKind, type EslStage, quotePeerText } from './failure';
import type { EslFrame } from './frames';
import { type Admission, GuardedModesl } from './guarded-socket';
import { JobBoard } from './jobs';
import { type ReplyKind, ReplyQueue } from './reply-queue';
import { Unanswering } from './unanswering';

export interface EslTarget {
  host: string;
  port: number;
  password: string;
  /** For connect, greeting and authentication together. */
  timeoutMs: number;
  /** Aborting ends the opening at once. An open connection is ended with `close`. */
  signal?: AbortSignal;
}

/** FreeSWITCH says this, and only this, when it shuts down gracefully (FACTS 1). */
const SHUTDOWN_NOTICE = 'The system is being shut down.';

export interface BackgroundJob {
  /** Ours, so that the event can be known before the reply comes. Letters, digits and dashes. */
  jobUuid: string;
  /** From now until the job's event. */
  timeoutMs: number;
}

/**
 * One authenticated ESL connection. Commands and replies are modesl's; deadlines, bounds and meanings are ours.
 * Replies carry no id and are matched by order, so one lost reply would shift all later ones: a command that misses
 * its deadline closes the connection, and a new one is needed.
 */
export class EslConnection {
  private readonly modesl: GuardedModesl;
  private readonly target: string;
  private stage: EslStage = 'connect';
  private end: EslFailure | null = null;
  private readonly replies = new ReplyQueue();
  private readonly jobs = new JobBoard();
  private readonly unanswering = new Unanswering();
  private readonly subscribed = new Map<EslEventName, Promise<void>>();
  private readonly eventListeners: ((event: EslEvent) => void)[] = [];
  private readonly lostListeners: ((failure: EslFailure) => void)[] = [];
  private opening: { resolve: () => void; reject: (failure: EslFailure) => void; timer: NodeJS.Timeout } | null = null;

  /**
   * Connects, reads the greeting and authenticates.
   * @throws EslFailure (as a rejection) of any kind
   */
  static async open(target: EslTarget): Promise<EslConnection> {
    const where = `${target.host}:${target.port}`;
    if (hasControlBytes(target.password) || target.password === '') {
      const remedy = 'the ESL password is empty or holds a control character: put the right one into the secret';
      throw new EslFailure('rejected', 'auth', `${where}: ${remedy}`);
    }
    if (target.signal?.aborted === true)
      throw new EslFailure('aborted', 'connect', `${where}: closed before connecting`);
    let connection: EslConnection;
    try {
      connection = new EslConnection(target, where);
    } catch (error) {
      throw new EslFailure('silent', 'connect', `${where}: cannot connect, check the address and port`, {
        cause: error,
      });
    }
    const abort = (): void => connection.close();
    target.signal?.addEventListener('abort', abort, { once: true });
    try {
      await connection.opened(target.timeoutMs);
      return connection;
    } finally {
      target.signal?.removeEventListener('abort', abort);
    }
  }

  private constructor({ host, port, password }: EslTarget, where: string) {
    this.target = where;
    this.quote = (text) => quotePeerText(text, password);
    this.modesl = new GuardedModesl(
      { host, port, password },
      { admit: (frame) => this.admit(frame), malformed: (reason) => this.fail('malformed', `not ESL: ${reason}`) },
    );
    this.listen();
  }

  /** Makes a reply fit for a log or an error message: one bounded, printable line without the password. */
  readonly quote: (text: string) => string;

  get isOpen(): boolean {
    return this.end === null && this.stage === 'ready';
  }

  /**
   * Sends `api <command>` and resolves with the reply's body as it came (it may end in a newline or not).
   * The body is the only status there is: see FACTS 1 for its many ways to say no.
   * @throws EslFailure when the reply does not come; the connection is closed then
   * @throws UnsafeEslCommand when the command is empty or holds a control character; nothing was sent
   */
  async api(command: string, timeoutMs: number): Promise<string> {
    refuseUnsafe(command);
    return this.ask('api', verbOf(command), timeoutMs, (answered) => {
      this.modesl.api(command, (event) => answered(event.getBody() ?? ''));
    });
  }

  /**
   * Subscribes this connection to events, which `onEvent` listeners then get. Names that are subscribed already are not
   * sent again; the format of the last command is that of all events.
   * @throws EslFailure when the reply does not come (the connection is closed then), or says no
   */
  async subscribe(names: readonly EslEventName[], timeoutMs: number, format: EslEventFormat = 'json'): Promise<void> {
    const missing = names.filter((name) => !this.subscribed.has(name));
    if (missing.length > 0) {
      const done = this.command(`event ${format} ${missing.join(' ')}`, {}, timeoutMs).then((reply) => {
        if (reply.startsWith('+OK')) return;
        missing.forEach((name) => this.subscribed.delete(name));
        throw this.refusal('event', reply);
      });
      for (const name of missing) this.subscribed.set(name, done);
    }
    await Promise.all(names.map((name) => this.subscribed.get(name) ?? Promise.resolve()));
  }

  /** Calls back for each event that could be read. Its listeners must not throw. */
  onEvent(listener: (event: EslEvent) => void): void {
    this.eventListeners.push(listener);
  }

  /**
   * Runs a command as a job of FreeSWITCH's own, and resolves with its result, as `api` would give it. A job blocks
   * neither the connection nor other jobs. One that misses its deadline may still be running there.
   * @throws EslFailure `silent` when the job did not end in time; the connection stays open where only the job is late
   * @throws UnsafeEslCommand as `api` does, or for an id that is not one
   */
  async bgapi(command: string, { jobUuid, timeoutMs }: BackgroundJob): Promise<string> {
    refuseUnsafe(command);
    if (this.end !== null) throw this.end;
    const verb = verbOf(command);
    const late = (): EslFailure =>
      this.failure('silent', `the job "${verb}" did not end within ${Math.round(timeoutMs)} ms`);
    const result = this.jobs.start(jobUuid, timeoutMs, late);
    // The result is lost unless this connection is subscribed (FACTS 1). Commands keep their order on the wire.
    const accepted = Promise.all([
      this.subscribe(['BACKGROUND_JOB'], timeoutMs),
      this.command(`bgapi ${command}`, { 'Job-UUID': jobUuid }, timeoutMs),
    ]).then(([, reply]) => {
      if (reply.trim() !== `+OK Job-UUID: ${jobUuid}`) throw this.refusal('bgapi', reply);
    });
    accepted.catch((error: unknown) => {
      if (error instanceof EslFailure) this.jobs.fail(jobUuid, error);
    });
    return result;
  }

  /** Calls back once when the peer ends an open connection. Not for our own close, nor for a missed deadline. */
  onLost(listener: (failure: EslFailure) => void): void {
    this.lostListeners.push(listener);
  }

  /** Ends it now; commands under way are rejected. Without `exit`: a frozen peer would never take it. */
  close(): void {
    this.fail('aborted', 'closed by us');
  }

  private command(line: string, headers: Record<string, string>, timeoutMs: number): Promise<string> {
    return this.ask('command', verbOf(line), timeoutMs, () => this.modesl.send(line, headers));
  }

  /** Sends, and waits for the reply in its turn. */
  private async ask(
    kind: ReplyKind,
    verb: string,
    timeoutMs: number,
    send: (answered: (reply: string) => void) => void,
  ): Promise<string> {
    if (this.end !== null) throw this.end;
    const late = (): void => this.fail('silent', `no reply to "${verb}" within ${Math.round(timeoutMs)} ms`);
    const reply = this.replies.wait(kind, timeoutMs, late);
    send((text) => this.replies.answer(text));
    return reply;
  }

  private opened(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.fail('silent', silence(this.stage, timeoutMs)), Math.max(0, timeoutMs));
      this.opening = { resolve, reject, timer };
      // It may have ended in between, for example by an abort.
      if (this.end !== null) this.settleOpening(this.end);
    });
  }

  private listen(): void {
    const { modesl } = this;
    modesl.tcp.once('connect', () => {
      if (this.stage === 'connect') this.stage = 'greeting';
    });
    modesl.tcp.on('error', (error: NodeJS.ErrnoException) => this.socketError(error));
    modesl.tcp.on('end', () => this.fail('closed', `the peer closed the connection (${this.stage})`));
    modesl.tcp.on('close', () => this.fail('closed', `the connection is closed (${this.stage})`));
    // Socket errors come here a second time, and an `error` without a listener would be thrown.
    modesl.on('error', () => undefined);
    modesl.on('esl::event::auth::success', () => {
      this.stage = 'ready';
      this.settleOpening(null);
    });
    modesl.on('esl::event::auth::fail', () => {
      this.fail('rejected', 'the ESL password was refused: compare the secret with event_socket.conf');
    });
  }

  private socketError(error: NodeJS.ErrnoException): void {
    const code = error.code ?? 'error';
    if (this.stage !== 'connect') this.fail('closed', `the connection broke: ${code} (${this.stage})`, error);
    else if (code === 'ECONNREFUSED') this.fail('refused', 'connection refused: nothing listens there', error);
    else this.fail('silent', `cannot connect: ${code}`, error);
  }

  /** Each type of frame has its time; a frame out of place would be taken for the answer to something else. */
  private admit(frame: EslFrame): Admission {
    switch (frame.contentType) {
      case 'auth/request':
        if (this.stage !== 'greeting') return { kind: 'end', reason: 'a second greeting' };
        this.stage = 'auth';
        return { kind: 'pass' };
      case 'command/reply':
        return this.admitCommandReply(frame);
      case 'api/response':
        if (this.replies.next !== 'api') return { kind: 'end', reason: 'a reply that nobody asked for' };
        // Without it the result would read as empty, and what follows as the next frame.
        if (!frame.headers.has('Content-Length')) return { kind: 'end', reason: 'a result without its length' };
        return { kind: 'pass' };
      case 'text/rude-rejection':
        this.fail('rejected', 'refused by the access list: add our address to apply-inbound-acl of event_socket.conf');
        return { kind: 'drop' };
      case 'text/disconnect-notice':
        if (frame.body.trim() === SHUTDOWN_NOTICE) this.fail('stopping', SHUTDOWN_NOTICE);
        else this.fail('closed', `the peer said: ${this.quote(frame.body)}`);
        return { kind: 'drop' };
      default: {
        if (this.stage !== 'ready') return { kind: 'end', reason: `${frame.contentType} instead of a greeting` };
        const tooMuch = this.unanswering.count(frame.bytes.length, performance.now());
        if (tooMuch !== null) return { kind: 'end', reason: tooMuch };
        // Events are read by us: modesl would throw on a bad escape in one. Anything else is noise.
        this.deliver(frame);
        return { kind: 'drop' };
      }
    }
  }

  private admitCommandReply(frame: EslFrame): Admission {
    const reply = frame.headers.get('Reply-Text') ?? '';
    const refusal = reply.startsWith('-ERR');
    if (this.stage === 'auth') {
      // It came in the greeting's own chunk: to say yes to a password is to have been told it.
      if (this.modesl.guard.holdsBack) return { kind: 'end', reason: 'auth was answered before it was sent' };
      if (reply === '+OK accepted' || refusal) return { kind: 'pass' };
      return { kind: 'end', reason: `auth was answered with "${this.quote(reply)}"` };
    }
    const { next } = this.replies;
    if (this.stage !== 'ready' || next === null) return { kind: 'end', reason: 'a reply that nobody asked for' };
    if (next === 'command') this.replies.answer(reply);
    // `api` answers with api/response; this is FreeSWITCH saying that the connection may not use it.
    else if (refusal) this.fail('rejected', `the command was refused: ${this.quote(reply)}`);
    else return { kind: 'end', reason: `an api command was answered with "${this.quote(reply)}"` };
    return { kind: 'drop' };
  }

  private deliver(frame: EslFrame): void {
    const event = parseEvent(frame);
    if (event === null) return;
    this.jobs.end(event);
    for (const listener of this.eventListeners) listener(event);
  }

  /** A reply that is neither yes nor no belongs to something else: all later ones would be out of step too. */
  private refusal(verb: string, reply: string): EslFailure {
    if (!reply.startsWith('-ERR')) {
      this.fail('malformed', `"${verb}" was answered with "${this.quote(reply)}"`);
      return this.end ?? this.failure('malformed', `"${verb}" was answered with something else`);
    }
    return this.failure('rejected', `"${verb}" was refused: ${this.quote(reply)}`);
  }

  private failure(kind: EslFailureKind, what: string, cause?: unknown): EslFailure {
    return new EslFailure(kind, this.stage, `ESL ${this.target}: ${what}`, { cause });
  }

  /** The one way out. The first reason wins; what the closing socket says afterwards is an echo of it. */
  private fail(kind: EslFailureKind, what: string, cause?: unknown): void {
    if (this.end !== null) return;
    const failure = this.failure(kind, what, cause);
    const wasReady = this.stage === 'ready';
    this.end = failure;
    this.modesl.guard.shutDown();
    this.modesl.tcp.destroy();
    this.replies.failAll(failure);
    this.jobs.failAll(failure);
    this.settleOpening(failure);
    if (wasReady && endedByPeer(kind)) for (const listener of this.lostListeners.splice(0)) listener(failure);
  }

  private settleOpening(failure: EslFailure | null): void {
    const opening = this.opening;
    if (opening === null) return;
    this.opening = null;
    clearTimeout(opening.timer);
    if (failure === null) opening.resolve();
    else opening.reject(failure);
  }
}

function silence(stage: EslStage, timeoutMs: number): string {
  const within = `within ${Math.round(timeoutMs)} ms`;
  switch (stage) {
    case 'connect':
      return `no TCP answer ${within}`;
    case 'greeting':
      return `TCP connected, but no greeting ${within}`;
    case 'auth':
      return `greeted, but no answer to auth ${within}`;
    case 'ready':
      return `no answer ${within}`;
    default:
      return assertNever(stage);
  }
}

function endedByPeer(kind: EslFailureKind): boolean {
  return kind === 'closed' || kind === 'stopping';
}
