import type { EslEvidence, NodeTopology, SipEvidence, VipTopology } from '../domain/model';
import type { Clock, NodeProbe, Random } from '../domain/ports';
import { EslProbe } from './esl/esl-probe';
import { HeartbeatWatch } from './esl/heartbeats';
import type { PasswordSource } from './esl/password';
import { sendOptions } from './sip/options';
import { correctForLoad } from './verdict';

export interface NodeProbeOptions {
  node: Pick<NodeTopology, 'managementAddress' | 'eslPort' | 'vipAddresses'>;
  /** Those of the cluster; the ones without an address on this node are left out. */
  vips: readonly Pick<VipTopology, 'id' | 'sipPort'>[];
  password: PasswordSource;
  clock: Pick<Clock, 'monotonicMs' | 'wallMs'>;
  random: Pick<Random, 'id' | 'next'>;
  /** Source address of SIP probes; the system chooses one when it is left out. */
  localAddress?: string;
}

type ProbeResult = Awaited<ReturnType<NodeProbe['probe']>>;

/** Looks at one FreeSWITCH node from the outside, both layers at once. See `NodeProbe` for what it promises. */
export class FreeSwitchNodeProbe implements NodeProbe {
  private readonly esl: EslProbe;
  private readonly heartbeats: HeartbeatWatch;
  private readonly closing = new AbortController();
  private running: Promise<ProbeResult> | null = null;

  constructor(private readonly options: NodeProbeOptions) {
    const { node, password, clock, random } = options;
    const target = { host: node.managementAddress, port: node.eslPort, password };
    this.esl = new EslProbe({ ...target, clock });
    this.heartbeats = new HeartbeatWatch({ ...target, clock, random }, () => this.esl.announceStop());
  }

  /** A call while another one runs gets that one's answer: two questions on one connection would share its fate. */
  probe(timeoutMs: number): Promise<ProbeResult> {
    this.running ??= this.look(timeoutMs).finally(() => {
      this.running = null;
    });
    return this.running;
  }

  onConnectionLost(listener: () => void): void {
    this.esl.onConnectionLost(listener);
  }

  /** Final: a probe after it finds nothing. */
  close(): void {
    this.closing.abort();
    this.esl.close();
    this.heartbeats.close();
  }

  private async look(timeoutMs: number): Promise<ProbeResult> {
    const [answer, sip] = await Promise.all([this.esl.ask(timeoutMs), this.askVips(timeoutMs)]);
    const esl = this.withHeartbeat(answer.evidence);
    return { esl, sip: this.corrected(sip, esl, answer.sessionLimit) };
  }

  /** What only events tell. A node that does not answer is not asked for any. */
  private withHeartbeat(evidence: EslEvidence): EslEvidence {
    if (evidence.verdict !== 'ok' && evidence.verdict !== 'paused') return evidence;
    this.heartbeats.lookAfter();
    const beat = this.heartbeats.latest(evidence.coreUuid);
    if (beat === null) return evidence;
    return { ...evidence, sessions: evidence.sessions ?? beat.sessions, clockOffsetMs: beat.clockOffsetMs };
  }

  private async askVips(timeoutMs: number): Promise<[string, SipEvidence][]> {
    const { node, vips, clock, random, localAddress } = this.options;
    const questions = vips.flatMap(({ id, sipPort }) => {
      const host = node.vipAddresses[id];
      return host === undefined ? [] : [{ id, host, port: sipPort }];
    });
    const source = localAddress === undefined ? {} : { localAddress };
    const shared = { ...source, timeoutMs, ids: random, clock, signal: this.closing.signal };
    return Promise.all(
      questions.map(async ({ id, host, port }): Promise<[string, SipEvidence]> => {
        const { evidence } = await sendOptions({ ...shared, host, port });
        return [id, evidence];
      }),
    );
  }

  private corrected(sip: [string, SipEvidence][], esl: EslEvidence, limit: number | null): Record<string, SipEvidence> {
    return Object.fromEntries(sip.map(([id, evidence]) => [id, correctForLoad(evidence, esl.sessions, limit)]));
  }
}
