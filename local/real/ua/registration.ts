/** A phone's one registration: REGISTER, the challenge, REGISTER with an answer to it. It never comes again by itself. */
import { token, type Agent, type Peer } from './agent';
import { answerChallenge, type Credentials } from './digest';
import { cseqOf, headerOf, writeMessage, type SipMessage } from './message';
import { Retransmission } from './retransmission';

export interface RegistrationOptions {
  credentials: Credentials;
  domain: string;
  registrar: Peer;
}

const EXPIRES_S = 3_600;

export class Registration {
  readonly callId: string;
  private readonly tag = token();
  private readonly retransmission = new Retransmission();
  private cseq = 0;
  private settle: ((failure: Error | null) => void) | null = null;

  constructor(
    private readonly agent: Agent,
    private readonly options: RegistrationOptions,
  ) {
    this.callId = `register-${token()}@${agent.host}`;
  }

  /** Resolves when the registrar said 200. @throws Error with any other last word, or none */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.settle = (failure) => {
        this.retransmission.stop();
        if (failure === null) resolve();
        else reject(failure);
      };
      this.ask(null);
    });
  }

  takeResponse(response: SipMessage): void {
    const status = response.status ?? 0;
    if (status < 200 || cseqOf(response).number !== this.cseq) return;
    if (status === 200) return this.settle?.(null);
    const { credentials } = this.options;
    const digest = { method: 'REGISTER', uri: this.uri, cnonce: token() };
    const answer =
      status === 401 && this.cseq === 1
        ? answerChallenge(headerOf(response, 'www-authenticate'), credentials, digest)
        : null;
    if (answer === null) return this.settle?.(new Error(`REGISTER of ${credentials.user} answered with ${status}`));
    this.ask(answer);
  }

  private get uri(): string {
    return `sip:${this.options.domain}`;
  }

  private ask(authorization: string | null): void {
    this.cseq += 1;
    const { credentials, domain, registrar } = this.options;
    const { host, port } = this.agent;
    const who = `<sip:${credentials.user}@${domain}>`;
    const request = writeMessage({
      start: `REGISTER ${this.uri} SIP/2.0`,
      headers: [
        ['Via', `SIP/2.0/UDP ${host}:${port};branch=z9hG4bK${token()};rport`],
        ['Max-Forwards', '70'],
        ['From', `${who};tag=${this.tag}`],
        ['To', who],
        ['Call-ID', this.callId],
        ['CSeq', `${this.cseq} REGISTER`],
        ['Contact', `<sip:${credentials.user}@${host}:${port}>`],
        ['Expires', String(EXPIRES_S)],
        ...(authorization === null ? [] : [['Authorization', authorization] as const]),
      ],
    });
    this.retransmission.start(
      () => this.agent.send(request, registrar),
      () => this.settle?.(new Error(`no answer to REGISTER of ${credentials.user}`)),
    );
  }
}
