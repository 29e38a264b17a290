import type { EslEvidence, NodeTopology, SipEvidence, VipTopology } from '../domain/model';
import type { Clock, NodeProbe, Random } from '../domain/ports';
import { EslProbe } from './esl/esl-probe';
import { HeartbeatWatch } from './esl/heartbeats';
import type { PasswordSource } from './esl/password';
import { knownProfilePorts } from './profile-ports';
import { sendOptions } from './sip/options';
import { correctForLoad, evidenceOfProfiles, type ProfileEvidence } from './verdict';

export interface NodeProbeOptions {
  node: Pick<NodeTopology, 'managementAddress' | 'eslPort' | 'vipAddresses' | 'fingerprint'>;
  /** Those of the cluster; the ones without an address on this node are left out. */
  vips: readonly Pick<VipTopology, 'id' | 'sipPort' | 'profiles'>[];
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
    return {
      esl,
      sip: Object.fromEntries(sip.map(([id, profiles]) => [id, judge(profiles, esl, answer.sessionLimit)])),
    };
  }

  /** What only events tell. A node that does not answer is not asked for any. */
  private withHeartbeat(evidence: EslEvidence): EslEvidence {
    if (evidence.verdict !== 'ok' && evidence.verdict !== 'paused') return evidence;
    this.heartbeats.lookAfter();
    const beat = this.heartbeats.latest(evidence.coreUuid);
    if (beat === null) return evidence;
    return { ...evidence, sessions: evidence.sessions ?? beat.sessions, clockOffsetMs: beat.clockOffsetMs };
  }

  private askVips(timeoutMs: number): Promise<[vipId: string, profiles: ProfileEvidence[]][]> {
    const { node, vips } = this.options;
    const asked = vips.flatMap((vip) => {
      const host = node.vipAddresses[vip.id];
      return host === undefined ? [] : [this.askProfiles(host, vip, timeoutMs)];
    });
    return Promise.all(asked);
  }

  /** All at once: a VIP of many profiles takes no longer than one of one. */
  private async askProfiles(
    host: string,
    vip: NodeProbeOptions['vips'][number],
    timeoutMs: number,
  ): Promise<[string, ProfileEvidence[]]> {
    const { node, clock, random, localAddress } = this.options;
    const source = localAddress === undefined ? {} : { localAddress };
    const target = { ...source, host, timeoutMs, ids: random, clock, signal: this.closing.signal };
    const profiles = knownProfilePorts(node, vip).map(async ({ profile, port }) => {
      const { evidence } = await sendOptions({ ...target, port });
      return { profile, port, evidence };
    });
    return [vip.id, await Promise.all(profiles)];
  }
}

function judge(profiles: readonly ProfileEvidence[], esl: EslEvidence, sessionLimit: number | null): SipEvidence {
  return correctForLoad(evidenceOfProfiles(esl.verdict, profiles), esl.sessions, sessionLimit);
}
