/** Who may speak to the node beside callers: the event socket and the lists of addresses. */
import type { RenderedFile } from './model';
import { userPattern } from './user-files';
import { addComment, addElement, addInclude, configurationFile, settingsFile, variable } from './xml';

const ESL_CLIENTS = 'esl_clients';
/** An empty list. */
export const NO_PEER = 'no_peer';

export const eventSocketFile = (): RenderedFile =>
  settingsFile('event_socket', [
    {
      name: 'listen-ip',
      value: variable('node_ip'),
      why: "The node's own address, never one that moves: each node must be reached by itself.",
    },
    { name: 'listen-port', value: variable('esl_port') },
    { name: 'password', value: variable('esl_password') },
    {
      name: 'apply-inbound-acl',
      value: ESL_CLIENTS,
      why: 'Without it only the node itself gets in: the default is loopback.auto.',
    },
    { name: 'nat-map', value: false },
    {
      name: 'stop-on-bind-error',
      value: false,
      why: 'A port that is taken for a moment is tried again, ten times a second; with true it never would be.',
    },
  ]);

/** `eslClients` are IPv4 CIDRs. */
export const aclFile = (eslClients: readonly string[]): RenderedFile =>
  configurationFile('acl', (root) => {
    const lists = addElement(root, 'network-lists');
    addComment(lists, 'Who may open an ESL connection; everybody else is told to go away.');
    const clients = addElement(lists, 'list', { name: ESL_CLIENTS, default: 'deny' });
    for (const cidr of ['127.0.0.0/8', ...eslClients]) addElement(clients, 'node', { type: 'allow', cidr });
    addComment(lists, 'Empty: no peer counts as local, so every peer is told the public address.');
    addElement(lists, 'list', { name: NO_PEER, default: 'deny' });
    addInclude(lists, `../${userPattern('acl')}`);
  });
