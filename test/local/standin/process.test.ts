/** A stand-in in a process of its own, and each of its faults as somebody outside sees it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { StandIn, type StandInStart } from '../../../local/standin/process';
import { eventually } from '../clock';
import { freshAddress } from '../addresses';
import { aMoment, askOptions, EslEye } from './look';

const PASSWORD = 'only-for-tests';
let standIn: StandIn | null = null;
const eyes: EslEye[] = [];

afterEach(async () => {
  for (const { socket } of eyes.splice(0)) socket.destroy();
  await standIn?.stop();
  standIn = null;
});

async function start(changes: Partial<StandInStart> = {}) {
  const management = freshAddress();
  const sip = freshAddress();
  const started = await StandIn.start({
    name: 'node-1',
    management,
    eslPort: 8021,
    password: PASSWORD,
    sip: [{ vip: 'main-line', address: sip, port: 5060, profiles: ['external-main', 'second'] }],
    ...changes,
  });
  standIn = started;
  return { node: started, management, sip };
}

function look(management: string): EslEye {
  const eye = EslEye.open(management);
  eyes.push(eye);
  return eye;
}

async function signIn(management: string): Promise<EslEye> {
  const eye = look(management);
  eye.send(`auth ${PASSWORD}`);
  await eventually('signed in', () => eye.received.includes('+OK accepted'));
  eye.received = '';
  return eye;
}

async function promote(node: StandIn): Promise<void> {
  await node.api('global_setvar promoted_main_line=-no');
  await node.api('sofia profile external-main rescan');
}

describe('boot and promotion', () => {
  it('answers on all addresses as soon as start resolves, in standby and without sessions', async () => {
    const { node, management, sip } = await start();

    const eye = await signIn(management);

    expect(await askOptions(sip)).toBe('SIP/2.0 503 System Paused');
    expect(await askOptions(sip, 5061)).toBe('SIP/2.0 503 System Paused');
    expect(eye.closed).toBe(false);
    expect(await node.state()).toMatchObject({ sessions: 0, paused: { inbound: false, outbound: false } });
  });

  it('serves a profile after its variable was set and it was scanned, and not before the scan', async () => {
    const { node, sip } = await start();

    await node.api('global_setvar promoted_main_line=-no');
    const beforeScan = await askOptions(sip);
    await node.api('sofia profile external-main rescan');

    expect(beforeScan).toBe('SIP/2.0 503 System Paused');
    expect(await askOptions(sip)).toBe('SIP/2.0 200 OK');
    expect(await askOptions(sip, 5061)).toBe('SIP/2.0 503 System Paused');
  });

  it('goes back to standby when the variable is emptied and the profile scanned', async () => {
    const { node, sip } = await start();
    await promote(node);

    await node.api('global_setvar promoted_main_line=');
    await node.api('sofia profile external-main rescan');

    expect(await askOptions(sip)).toBe('SIP/2.0 503 System Paused');
  });

  it('names the address when it cannot listen there', async () => {
    const { management, sip } = await start();
    const second = { name: 'node-2', management, eslPort: 8021, password: PASSWORD };

    const attempt = StandIn.start({ ...second, sip: [{ vip: 'x', address: sip, port: 5070, profiles: ['x'] }] });

    await expect(attempt).rejects.toThrow(new RegExp(`node-2.*EADDRINUSE.*${management}.*another demo`));
  });

  it('is started by the spawn that the caller gives', async () => {
    const children: ChildProcess[] = [];

    const { node } = await start({
      spawn: (command, args, options) => {
        const child = spawn(command, args, options);
        children.push(child);
        return child;
      },
    });

    expect(children.map((child) => child.pid)).toEqual([node.pid]);
    expect(children[0]?.spawnargs.join(' ')).not.toContain(PASSWORD);
  });
});

describe('faults, seen from outside', () => {
  it('kill: connections close, new ones are refused, SIP is gone', async () => {
    const { node, management, sip } = await start();
    const eye = await signIn(management);

    await node.kill();

    await eventually('closed', () => eye.closed);
    const late = look(management);
    await eventually('refused', () => late.error === 'ECONNREFUSED');
    expect(await askOptions(sip)).toBe('ECONNREFUSED');
    expect(node).toMatchObject({ alive: false, pid: null });
  });

  it('freeze: connects, but nothing is ever said; everything is answered after thaw', async () => {
    const { node, management, sip } = await start();
    await promote(node);
    const eye = await signIn(management);

    await node.freeze();
    eye.send('api uptime');
    const late = look(management);
    await eventually('connected', () => late.connected);

    expect(await askOptions(sip)).toBe('silence');
    expect([eye.received, late.received]).toEqual(['', '']);
    await node.thaw();
    await eventually('answered', () => eye.received.includes('api/response'));
    await eventually('greeted', () => late.received.includes('auth/request'));
    expect(await askOptions(sip)).toBe('SIP/2.0 200 OK');
  });

  it('freeze with a full backlog: not even a connection, as when the machine is gone', async () => {
    const { node, management } = await start();

    await node.freeze({ fillBacklog: true });
    const eye = look(management);
    await aMoment();

    expect(eye).toMatchObject({ connected: false, error: null });
    await node.thaw();
    await signIn(management);
  });

  it('stickSip: SIP is silent while ESL is well', async () => {
    const { node, management, sip } = await start();
    await promote(node);

    await node.stickSip();

    expect(await askOptions(sip)).toBe('silence');
    await signIn(management);
    await node.unstickSip();
    expect(await askOptions(sip)).toBe('SIP/2.0 200 OK');
  });

  it('busy: 503 Maximum Calls In Progress, and back', async () => {
    const { node, sip } = await start();
    await promote(node);

    await node.busy();

    expect(await askOptions(sip)).toBe('SIP/2.0 503 Maximum Calls In Progress');
    await node.unbusy();
    expect(await askOptions(sip)).toBe('SIP/2.0 200 OK');
  });

  it('pause: 503 Maximum Calls In Progress and not ready, until resume', async () => {
    const { node, sip } = await start();
    await promote(node);

    await node.pause();

    expect(await askOptions(sip)).toBe('SIP/2.0 503 Maximum Calls In Progress');
    expect(await node.api('status')).toContain('is not ready');
    await node.resume();
    expect(await askOptions(sip)).toBe('SIP/2.0 200 OK');
  });

  it('standby: a promoted holder answers 503 System Paused until it is scanned again', async () => {
    const { node, sip } = await start();
    await promote(node);

    await node.standby();

    expect(await askOptions(sip)).toBe('SIP/2.0 503 System Paused');
    await node.api('sofia profile external-main rescan');
    expect(await askOptions(sip)).toBe('SIP/2.0 200 OK');
  });

  it('busy or paused in standby: 503 Maximum Calls In Progress, which is said first', async () => {
    const { node, sip } = await start();

    await node.busy();
    expect(await askOptions(sip)).toBe('SIP/2.0 503 Maximum Calls In Progress');
    await node.unbusy();
    await node.pause();
    expect(await askOptions(sip)).toBe('SIP/2.0 503 Maximum Calls In Progress');

    await node.resume();
    expect(await askOptions(sip)).toBe('SIP/2.0 503 System Paused');
  });

  it('misconfigure: new ESL clients are turned away without a greeting', async () => {
    const { node, management } = await start();

    await node.misconfigure();
    const eye = look(management);

    await eventually('closed', () => eye.closed);
    expect(eye.received).toMatch(/^Content-Type: text\/rude-rejection\n/);
  });

  it('malformed ESL: bytes that are no ESL instead of a greeting, or instead of a reply', async () => {
    const { node, management } = await start();
    const signedIn = await signIn(management);

    await node.faults({ eslMalformed: 'reply' });
    signedIn.send('api status');
    await eventually('garbage', () => signedIn.received.includes('garbage'));
    await node.faults({ eslMalformed: 'greeting' });
    const eye = look(management);

    await eventually('garbage', () => eye.received.includes('garbage'));
    expect(eye.received).not.toContain('auth/request');
  });

  it('malformed SIP: an answer that is none', async () => {
    const { node, sip } = await start();

    await node.faults({ sipMalformed: true });

    expect(await askOptions(sip)).toBe('SIP/2.0 two hundred');
  });

  it('slow ESL: the reply comes, but late', async () => {
    const { node, management } = await start();
    const eye = await signIn(management);

    await node.faults({ eslDelayMs: 300 });
    const askedAtMs = performance.now();
    eye.send('api uptime');
    await eventually('answered', () => eye.received.includes('api/response'));

    expect(performance.now() - askedAtMs).toBeGreaterThanOrEqual(295);
  });

  it('quick restart: a new core_uuid in standby, the old connection closed, the same process', async () => {
    const { node, management, sip } = await start({ calls: 2 });
    await promote(node);
    const eye = await signIn(management);
    const before = await node.state();
    const pid = node.pid;

    await node.restart('quick');

    const after = await node.state();
    await eventually('closed', () => eye.closed);
    expect(after.coreUuid).not.toBe(before.coreUuid);
    expect(node.pid).toBe(pid);
    expect(await askOptions(sip)).toBe('SIP/2.0 503 System Paused');
  });

  it('realistic restart: SIP answers before ESL does, and the process is another', async () => {
    const { node, management, sip } = await start({ timeScale: 0.4 });
    const pid = node.pid;
    await node.kill();

    const restarted = node.restart('realistic');
    const order: string[] = [];
    const watch = (async () => {
      while (!order.includes('sip')) if ((await askOptions(sip)).startsWith('SIP/2.0 503')) order.push('sip');
      const eye = look(management);
      await eventually('an answer of ESL', () => eye.connected || eye.error !== null);
      order.push(eye.error ?? 'esl');
    })();
    await Promise.all([restarted, watch]);

    expect(order).toEqual(['sip', 'ECONNREFUSED']);
    expect(node.pid).not.toBe(pid);
    await signIn(management);
  });

  it('SIGTERM: says goodbye, then exits by itself', async () => {
    const { node, management } = await start({ timeScale: 0.05 });
    const eye = await signIn(management);

    node.terminate();

    await eventually('closed', () => eye.closed);
    expect(eye.received).toContain('The system is being shut down.');
    await eventually('exited', () => !node.alive);
  });

  it('fsctl shutdown now: the connection closes without a reply', async () => {
    const { node, management } = await start();
    const eye = await signIn(management);

    eye.send('api fsctl shutdown now');

    await eventually('closed', () => eye.closed);
    await eventually('exited', () => !node.alive);
    expect(eye.received).toBe('');
  });

  it('beats on its own schedule for whoever listens', async () => {
    const { management } = await start({ heartbeatMs: 40 });
    const eye = await signIn(management);

    eye.send('event plain HEARTBEAT');

    await eventually('two beats', () => eye.received.split('Event-Name: HEARTBEAT').length > 2);
  });
});

describe('a parent that asks too much', () => {
  it('is told that a frozen stand-in does not answer', async () => {
    const { node } = await start();
    await node.freeze();

    await expect(node.state()).rejects.toThrow(/node-1 did not answer "state".*frozen/);
  });

  it('is told that a dead one must be restarted first', async () => {
    const { node } = await start();
    await node.kill();

    await expect(node.state()).rejects.toThrow(/node-1 does not run: restart it first/);
    await expect(node.freeze()).rejects.toThrow(/node-1 does not run/);
  });
});
