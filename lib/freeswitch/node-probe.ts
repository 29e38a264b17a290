import type { EslEvidence, NodeTopology, SipEvidence, VipTopology } from '../domain/model';
import type { Clock, NodeProbe, Random } from '../domain/ports';
import { EslProbe } from './esl/esl-probe';
import type { PasswordSource } from './esl/password';
import { sendOptions } from './sip/options';
import { correctForLoad } from './verdict';

export interface NodeProbeOptions {
  node: Pick<NodeTopology, 'managementAddress' | 'eslPort' | 'vipAddresses'>;
  /** Those of the cluster; the ones without an address on this node are left out. */
  vips: readonly Pick<VipTopology, 'id' | 'sipPort'>[];
  password: PasswordSource;
  clock: Pick<Clock, 'monotonicMs'>;
  random: Pick<Random, 'id'>;
  /** Source address of SIP probes; the system chooses one when it is left out. */
  localAddress?: string;
}

type ProbeResult = Awaited<ReturnType<NodeProbe['probe']>>;

/** Looks at one FreeSWITCH node from the outside, both layers at once. See `NodeProbe` for what it promises. */
export class FreeSwitchNodeProbe implements NodeProbe {
  private readonly esl: EslProbe;
  private readonly closing = new AbortController();
  private running: Promise<ProbeResult> | null = null;

  constructor(private readonly options: NodeProbeOptions) {
    const { node, password, clock } = options;
    this.esl = new EslProbe({ host: node.managementAddress, port: node.eslPort, password, clock });
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
  }

  private async look(timeoutMs: number): Promise<ProbeResult> {
    const [answer, sip] = await Promise.all([this.esl.ask(timeoutMs), this.askVips(timeoutMs)]);
    const { evidence, sessionLimit } = answer;
    return { esl: evidence, sip: this.corrected(sip, evidence, sessionLimit) };
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
