/**
 * The mapping with a real kernel: two network namespaces, the node's script and rules as they are shipped, datagrams
 * through them. Needs root, `ip` and `nft`; where they are missing the test says that it was skipped.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { installed, NodeFolder } from './node-folder';

const PEER = `understudy-peer-${process.pid}`;
const NODE = `understudy-node-${process.pid}`;
const inside = (namespace: string): string[] => ['ip', 'netns', 'exec', namespace];

function must(line: string): void {
  const [command = '', ...args] = line.split(' ');
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${line}: ${stderr}`);
}

function ableToMakeNamespaces(): boolean {
  if (process.getuid?.() !== 0 || !installed('nft') || !installed('ip', '-V')) return false;
  const name = `understudy-try-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return false;
  spawnSync('ip', ['netns', 'del', name]);
  return true;
}
const able = ableToMakeNamespaces();
const why = able ? '' : ' (SKIPPED: needs root, ip netns and nft)';

/** Answers each datagram with what it saw: where it came from, and how long it was. */
const ECHO = `
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', (message, from) => {
    const answer = Buffer.alloc(message.length);
    answer.write(from.address);
    socket.send(answer, from.port, from.address);
  });
  socket.bind(5060, process.argv[1], () => console.log('ready'));`;

/** Sends one datagram, prints who answered, what it had seen, and the length of the answer. */
const ASK = `
  const socket = require('node:dgram').createSocket('udp4');
  const [, address, length] = process.argv;
  setTimeout(() => { console.log('silence'); process.exit(); }, 1500);
  socket.on('message', (message, from) => {
    const saw = message.toString('latin1').replaceAll('\\0', '');
    console.log(from.address + ' saw ' + saw + ' ' + message.length);
    process.exit();
  });
  socket.send(Buffer.alloc(Number(length)), 5060, address);`;

(able ? describe : describe.skip)(`the mapping, in two network namespaces${why}`, () => {
  let node: NodeFolder;
  const servers: ChildProcess[] = [];

  beforeAll(async () => {
    node = new NodeFolder();
    for (const name of [PEER, NODE]) must(`ip netns add ${name}`);
    must(`ip -n ${NODE} link add ens5 address 02:00:00:00:00:0b type veth peer name eth0 netns ${PEER}`);
    must(`ip -n ${NODE} address add 10.99.1.11/24 dev ens5`);
    must(`ip -n ${PEER} address add 10.99.1.1/24 dev eth0`);
    for (const [name, link] of [
      [NODE, 'ens5'],
      [NODE, 'lo'],
      [PEER, 'eth0'],
    ])
      must(`ip -n ${name} link set ${link} up`);
    // In a VPC the network knows where a secondary address is; the host is never asked.
    must(`ip -n ${PEER} neighbour add 10.99.1.21 lladdr 02:00:00:00:00:0b dev eth0`);
    const { code, err } = node.run('addresses', [], inside(NODE));
    expect([code, err]).toEqual([0, expect.stringContaining('addresses mapped on ens5')]);
    await Promise.all(['10.255.0.10', '10.99.1.11'].map(serve));
  }, 30_000);

  afterAll(() => {
    for (const server of servers) server.kill('SIGKILL');
    for (const name of [PEER, NODE]) spawnSync('ip', ['netns', 'del', name]);
    node.remove();
  });

  async function serve(address: string): Promise<void> {
    const [command = '', ...rest] = [...inside(NODE), process.execPath, '-e', ECHO, address];
    const server = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    servers.push(server);
    await once(server.stdout, 'data');
  }

  function ask(address: string, length = 200): string {
    const [command = '', ...rest] = [...inside(PEER), process.execPath, '-e', ASK, address, String(length)];
    return spawnSync(command, rest, { encoding: 'utf8' }).stdout.trim();
  }

  it('brings a datagram to the service address, and the answer back from the private address', () => {
    expect(ask('10.99.1.21')).toBe('10.99.1.21 saw 10.99.1.1 200');
  });

  it('does the same to one in fragments, as a large INVITE is', () => {
    expect(ask('10.99.1.21', 6000)).toBe('10.99.1.21 saw 10.99.1.1 6000');
  });

  it('leaves the primary address alone', () => {
    expect(ask('10.99.1.11')).toBe('10.99.1.11 saw 10.99.1.1 200');
  });

  it('is put right again after somebody flushed all rules', () => {
    must(`ip netns exec ${NODE} nft flush ruleset`);
    expect(ask('10.99.1.21')).toBe('silence');
    node.run('addresses', [], inside(NODE));
    expect(ask('10.99.1.21')).toBe('10.99.1.21 saw 10.99.1.1 200');
  });
});
