/** Who registered stays reachable: a phone through the new holder without a word, a gateway because it registers again. */
import { randomBytes } from 'node:crypto';
import { hangUp, placeCalls, ringPhone } from '../calls';
import { Lab } from '../lab';
import { OUTSIDE, PHONE_USER, SIP_DOMAIN, SIP_PORT, publicAddress } from '../plan';
import type { ReceivedRegister } from '../ua/protocol';
import { until } from '../wait';
import { checkSurvival, failOver, noteTimes } from './failover';
import type { Scenario } from './scenario';

const GATEWAY = 'carrier';
const PROFILE = 'external-main';
const REGISTERED_WITHIN_MS = 30_000;

export const registrations: Scenario['run'] = async (ground, findings, options) => {
  const calls = options.calls ?? 5;
  const password = randomBytes(12).toString('base64url');
  const lab = await Lab.start(ground, 'registrations', {
    nodes: 3,
    vips: [{ id: 'main', prefers: 1 }],
    serviceAddresses: true,
    userFiles: [
      { path: 'user/directory/users/lab.xml', content: user(password) },
      { path: `user/sip_profiles/${PROFILE}/lab.xml`, content: gateway(password) },
    ],
  });
  const via = publicAddress(0);
  try {
    const first = await untilGatewayRegistered(lab, 0);
    findings.equal('the gateway registered from the VIP', first.from, via);
    await ground.parties.ask({ do: 'register', user: PHONE_USER, password, domain: SIP_DOMAIN, via, port: SIP_PORT });
    findings.equal('the phone rings through the first holder', await ringPhone(lab, 'main'), 'answered');
    await hangUp(lab);
    await ground.parties.ask({ do: 'forget' });

    await placeCalls(lab, 'main', calls);
    const times = await failOver(lab, 'main', () => lab.process('node1').kill());
    findings.equal('new holder', await lab.holderOf('main'), 'node2');
    noteTimes(findings, times);
    await checkSurvival(lab, 'main', findings, { calls, longestGapMs: null }, times.transition);
    const again = await untilGatewayRegistered(lab, times.faultAtMs);
    findings.equal('the gateway registered again from the VIP', again.from, via);
    findings.figure('gatewayRegisteredMs', again.atMs - times.faultAtMs);
    findings.equal('the phone rings through the new holder', await ringPhone(lab, 'main'), 'answered');
    const counted = await lab.untilCounted('main', times.transition.epoch);
    const notes = counted.calls?.notes ?? [];
    findings.check('ledger: the phone was taken over', notes.some(saysTakenOver), notes.join('; '));
    findings.check('ledger: no gateway is missing', !notes.some((note) => note.startsWith('gateway ')), notes.length);
    findings.equal('calls that both parties saw end by BYE', await hangUp(lab), calls + 1);
  } finally {
    await lab.stop();
  }
};

const saysTakenOver = (note: string): boolean => note.startsWith('registrations: 1 taken over');

function untilGatewayRegistered(lab: Lab, sinceMs: number): Promise<ReceivedRegister> {
  return until(`the gateway ${GATEWAY} registers`, REGISTERED_WITHIN_MS, async () => {
    const registers = await lab.ground.parties.registers();
    return registers.find(({ atMs }) => atMs > sinceMs) ?? null;
  });
}

const user = (password: string): string => `<include>
  <user id="${PHONE_USER}"><params><param name="password" value="${password}"/></params></user>
</include>
`;

/** It registers with the callee. */
const gateway = (password: string): string => `<include>
  <gateway name="${GATEWAY}">
    <param name="username" value="pbx"/>
    <param name="password" value="${password}"/>
    <param name="realm" value="${OUTSIDE.callee}"/>
    <param name="proxy" value="${OUTSIDE.callee}:${SIP_PORT}"/>
    <param name="register" value="true"/>
    <param name="retry-seconds" value="5"/>
  </gateway>
</include>
`;
