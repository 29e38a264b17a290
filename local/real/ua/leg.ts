/** One leg of a call as a party has it: its dialog, its audio, and what the other side did to them. */
import { token, type Agent, type Peer } from './agent';
import { judgeRequest, withRequest, type Dialog } from './dialog';
import { addressOf, branchOf, cseqOf, headerOf, tagOf, writeMessage, writeResponse, type SipMessage } from './message';
import type { LegReport, LegState } from './protocol';
import { Retransmission } from './retransmission';
import { readSdp, writeSdp } from './sdp';
import type { Stream } from './media';

export interface LegOptions {
  name: string;
  callId: string;
  localTag: string;
  /** Where requests go until the peer names its contact. */
  peer: Peer;
}

export class Leg {
  private state: LegState = 'calling';
  private detail: string | null = null;
  private dialog: Dialog | null = null;
  private target: Peer;
  private targetUri: string;
  private readonly stream: Stream;
  private readonly retransmission = new Retransmission();
  private lastAnswer: Buffer | null = null;
  private version = 0;
  private reinvites = 0;
  private readonly violations: string[] = [];
  private invitation: { branch: string; cseq: number } | null = null;
  private onEnded: (() => void)[] = [];

  constructor(
    private readonly agent: Agent,
    private readonly options: LegOptions,
  ) {
    this.target = options.peer;
    this.targetUri = `sip:${options.name}@${options.peer.host}:${options.peer.port}`;
    this.stream = agent.media.add();
  }

  get name(): string {
    return this.options.name;
  }

  get isUp(): boolean {
    return this.state === 'up';
  }

  get isOver(): boolean {
    return this.state === 'ended' || this.state === 'failed';
  }

  get via(): string {
    return this.options.peer.host;
  }

  invite(): void {
    this.invitation = { branch: `z9hG4bK${token()}`, cseq: 1 };
    const request = this.request('INVITE', this.invitation.branch, 1, null, this.sdp());
    this.retransmission.start(
      () => this.agent.send(request, this.target),
      () => this.fail('no answer to INVITE'),
    );
  }

  accept(invite: SipMessage, from: Peer): void {
    const remoteTag = tagOf(headerOf(invite, 'from'));
    const media = readSdp(invite.body);
    if (remoteTag === null || media === null) {
      this.agent.send(writeResponse(invite, '488 Not Acceptable Here', { toTag: this.options.localTag }), from);
      return this.fail('an INVITE without tag or audio');
    }
    this.dialog = withRequest(this.newDialog(remoteTag), invite);
    this.up(media);
    this.takeContact(invite);
    this.answerInvite(invite, from);
  }

  takeRequest(request: SipMessage, from: Peer): void {
    if (request.method === 'ACK') return this.retransmission.stop();
    if (this.dialog === null) return;
    const ruling = judgeRequest(this.dialog, request);
    if (ruling.kind === 'again') {
      if (this.lastAnswer !== null) this.agent.send(this.lastAnswer, from);
      return;
    }
    if (ruling.kind === 'refuse') {
      this.violations.push(ruling.why);
      this.agent.send(writeResponse(request, ruling.status, { toTag: null }), from);
      return;
    }
    this.dialog = withRequest(this.dialog, request);
    switch (request.method) {
      case 'INVITE':
        return this.takeReinvite(request, from);
      case 'BYE':
        this.answerPlainly(request, from);
        return this.end(`BYE ${headerOf(request, 'reason') ?? ''}`.trim());
      default:
        return this.answerPlainly(request, from);
    }
  }

  takeResponse(response: SipMessage): void {
    const { number, method } = cseqOf(response);
    const status = response.status ?? 0;
    if (method === 'BYE' && status >= 200) return this.end(`BYE answered with ${status}`);
    if (method !== 'INVITE' || this.invitation === null || number !== this.invitation.cseq) return;
    if (status < 200) return this.retransmission.stop();
    if (status >= 300) {
      this.agent.send(
        this.request('ACK', this.invitation.branch, number, tagOf(headerOf(response, 'to'))),
        this.target,
      );
      return this.fail(`INVITE answered with ${status}`);
    }
    this.takeAnswer(response, number);
  }

  /** Resolves when the BYE was answered, or the leg is over otherwise. */
  hangUp(): Promise<void> {
    if (this.dialog === null || this.isOver) return Promise.resolve();
    this.dialog = { ...this.dialog, localCseq: this.dialog.localCseq + 1 };
    const { remoteTag, localCseq } = this.dialog;
    const bye = this.request('BYE', `z9hG4bK${token()}`, localCseq, remoteTag);
    this.retransmission.start(
      () => this.agent.send(bye, this.target),
      () => this.end('BYE without an answer'),
    );
    return new Promise((resolve) => this.onEnded.push(resolve));
  }

  mark(): void {
    this.stream.gaps.mark();
  }

  report(): LegReport {
    const { gapBeganAtMs, ...gaps } = this.stream.gaps.read(performance.now());
    return {
      state: this.state,
      detail: this.detail,
      ...gaps,
      gapBeganAtMs: gapBeganAtMs === null ? null : performance.timeOrigin + gapBeganAtMs,
      packets: this.stream.gaps.packets,
      reinvites: this.reinvites,
      violations: [...this.violations],
    };
  }

  forget(): void {
    this.retransmission.stop();
  }

  private takeAnswer(response: SipMessage, cseq: number): void {
    const remoteTag = tagOf(headerOf(response, 'to'));
    if (remoteTag === null) return;
    if (this.dialog === null) {
      this.retransmission.stop();
      const media = readSdp(response.body);
      if (media === null) return this.fail('a 200 without audio');
      this.dialog = this.newDialog(remoteTag);
      this.takeContact(response);
      this.up(media);
    }
    // Also for a 200 that comes again: our ACK was lost.
    this.agent.send(this.request('ACK', `z9hG4bK${token()}`, cseq, remoteTag), this.target);
  }

  private takeReinvite(invite: SipMessage, from: Peer): void {
    const media = readSdp(invite.body);
    if (media !== null) this.agent.media.connect(this.stream, media);
    this.reinvites += 1;
    this.takeContact(invite);
    this.answerInvite(invite, from);
  }

  private answerInvite(invite: SipMessage, from: Peer): void {
    const answer = writeResponse(invite, '200 OK', {
      toTag: this.options.localTag,
      headers: [['Contact', this.contact()]],
      body: this.sdp(),
    });
    this.lastAnswer = answer;
    this.retransmission.start(
      () => this.agent.send(answer, from),
      () => this.violations.push(`no ACK for CSeq ${cseqOf(invite).number} (${branchOf(invite)})`),
    );
  }

  private answerPlainly(request: SipMessage, from: Peer): void {
    this.lastAnswer = writeResponse(request, '200 OK', { toTag: null });
    this.agent.send(this.lastAnswer, from);
  }

  private takeContact(message: SipMessage): void {
    const contact = headerOf(message, 'contact');
    const address = addressOf(contact);
    if (address === null) return;
    this.target = address;
    this.targetUri = /<([^>]+)>/.exec(contact ?? '')?.[1] ?? this.targetUri;
  }

  private newDialog(remoteTag: string): Dialog {
    const { callId, localTag } = this.options;
    return { callId, localTag, remoteTag, localCseq: 1, remoteCseq: null, remoteBranch: null };
  }

  private up(media: { host: string; port: number }): void {
    this.state = 'up';
    this.agent.media.connect(this.stream, media);
  }

  private fail(why: string): void {
    this.over('failed', why);
  }

  private end(why: string): void {
    this.over('ended', why);
  }

  private over(state: 'ended' | 'failed', why: string): void {
    if (this.isOver) return;
    this.state = state;
    this.detail = why;
    this.retransmission.stop();
    this.agent.media.disconnect(this.stream);
    for (const tell of this.onEnded.splice(0)) tell();
  }

  private sdp(): string {
    this.version += 1;
    const { host, port } = this.agent.media;
    return writeSdp({ host, port }, this.version);
  }

  private contact(): string {
    return `<sip:${this.name}@${this.agent.host}:${this.agent.port}>`;
  }

  /** A caller is `To` nobody known before, a callee answers as who was called: From is always us. */
  private request(method: string, branch: string, cseq: number, remoteTag: string | null, body?: string): Buffer {
    const { callId, localTag, name, peer } = this.options;
    const to = `<sip:${name}@${peer.host}>`;
    return writeMessage({
      start: `${method} ${this.targetUri} SIP/2.0`,
      headers: [
        ['Via', `SIP/2.0/UDP ${this.agent.host}:${this.agent.port};branch=${branch};rport`],
        ['Max-Forwards', '70'],
        ['From', `<sip:party@${this.agent.host}>;tag=${localTag}`],
        ['To', remoteTag === null ? to : `${to};tag=${remoteTag}`],
        ['Call-ID', callId],
        ['CSeq', `${cseq} ${method}`],
        ['Contact', this.contact()],
      ],
      ...(body === undefined ? {} : { body }),
    });
  }
}
