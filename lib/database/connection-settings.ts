/** How a function reaches the shared database. Nothing secret: it stands in an environment variable. */
export interface DatabaseConnection {
  host: string;
  port: number;
  name: string;
  user: string;
  /** Verified against the runtime's certificates and the host name; off only on a laptop's loopback. */
  tls: boolean;
  /** `iam`: a token signed with the function's own credentials, no call needed. `none`: the server asks for nothing. */
  auth: 'iam' | 'none';
  region: string;
}
