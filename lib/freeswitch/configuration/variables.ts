/** node.xml: the only file that differs between nodes, or holds what is known only after a deployment. */
import type { NodeVariables, RenderedFile } from './model';
import { addComment, addInclude, addSet, includedFile } from './xml';

/** Written on the node from Secrets Manager at its boot, mode 0600. */
export const SECRETS_FILE = '/run/understudy/esl.xml';

const nameFor = (vipId: string): string => vipId.replaceAll('-', '_');
export const serviceIpVariable = (vipId: string): string => `service_ip_${nameFor(vipId)}`;
export const publicIpVariable = (vipId: string): string => `public_ip_${nameFor(vipId)}`;

/**
 * Nothing here sets `promoted_<vip>`: it would be set again by every reload, and undo what the control plane said
 * (FACTS 8.1). Throws UnderstudyError for a value that FreeSWITCH's preprocessor would spoil.
 */
export function renderNodeVariables(values: NodeVariables): RenderedFile {
  const content = includedFile((root) => {
    addComment(root, 'This node. All other files are the same text on every node that carries the same VIPs.');
    addSet(root, 'node_id', values.nodeId);
    addSet(root, 'node_ip', values.managementAddress);
    addSet(root, 'esl_port', String(values.eslPort));
    for (const vip of values.vips) {
      addComment(root, `VIP ${vip.id}: what SIP and RTP bind to, and what peers see.`);
      addSet(root, serviceIpVariable(vip.id), vip.serviceAddress);
      addSet(root, publicIpVariable(vip.id), vip.publicAddress);
    }
    if (values.databaseDsn !== null) {
      addComment(root, 'The shared database. The password stands in the passfile alone.');
      addSet(root, 'db_dsn', values.databaseDsn);
    }
    addComment(root, 'Sets esl_password. Never start without it: FreeSWITCH would take its well-known one.');
    addInclude(root, values.secretsFile);
  });
  return { path: 'node.xml', content };
}

/** The file that `secretsFile` names. Its reader alone may see it: mode 0600. */
export const renderSecrets = (path: string, eslPassword: string): RenderedFile => ({
  path,
  content: includedFile((root) => addSet(root, 'esl_password', eslPassword)),
});
