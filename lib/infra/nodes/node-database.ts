/** The shared database as the nodes need to know it. Whoever makes or finds it hands this to `ClusterNodes`. */
export interface NodeDatabase {
  /** A name, for certificates are checked against it. May be a reference without a value yet. */
  host: string;
  /** Text, because a reference to a database that is yet to be made is text. */
  port: string;
  name: string;
  tls: boolean;
  /** @returns ARN of the secret `{"username","password"}` of this node's own login role, which no other node may read */
  nodeSecretArn(nodeId: string): string;
}
