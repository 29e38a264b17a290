/** Which ports the profiles of a VIP listen on: the first on the written port, each further one on the next. */
import { DEFAULTS } from './defaults';
import type { Draft } from './draft';
import type { WrittenVip } from './schema';

export interface PortSpan {
  fromPort: number;
  toPort: number;
}

type VipDraft = Draft<WrittenVip>;

const span = (vip: VipDraft, fromPort: number): PortSpan => ({
  fromPort,
  toPort: fromPort + Math.max(vip.profiles?.length ?? 1, 1) - 1,
});

/** SIP over UDP and TCP. */
export const plainPorts = (vip: VipDraft): PortSpan => span(vip, vip.sipPort ?? DEFAULTS.sipPort);

/** SIP over TLS; null where the VIP has none. */
export const tlsPorts = (vip: VipDraft): PortSpan | null =>
  vip.tls === undefined ? null : span(vip, vip.tls.port ?? DEFAULTS.sipTlsPort);
