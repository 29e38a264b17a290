/** What a recovery would find and change, told beforehand: everything here is read, nothing is written. */

/** What a recovery may rewrite in a row: where RTP binds, and what the peers are told. */
export type RewrittenVariable = 'local_media_ip' | 'advertised_media_ip';

/** Rows of one process; null: rows that name none. */
export interface IncarnationRows {
  coreUuid: string | null;
  rows: number;
  calls: number;
  /** Calls over TCP, TLS or WebSocket among them: they end with their process. */
  connectionOriented: number;
}

/** One variable whose value would be replaced. `from` and `to` are addresses, or say that the row has none there. */
export interface AddressChange {
  variable: RewrittenVariable;
  from: string;
  to: string;
}

/** The rows of a VIP's profiles, by what a recovery would do with them. */
export interface RowsPreview {
  /** Of the order: they would be rebuilt. One entry for each incarnation, also where it has no row. */
  recovered: IncarnationRows[];
  /** The recovering node's own: they would be left alone. */
  own: IncarnationRows;
  /** Of no incarnation of the order: they would be moved aside. */
  foreign: IncarnationRows[];
  /** How many of the order's rows would be rewritten. */
  rewritten: number;
  /** Each distinct replacement, most frequent first. */
  differences: (AddressChange & { rows: number })[];
  /** The first rows that would be rewritten, cut down to what differs. */
  examples: { uuid: string; changes: AddressChange[] }[];
}

export type PreviewResult =
  | ({
      known: true;
      /** A: the VIP has the same service address everywhere, rows stay as they are. B: they are rewritten (FACTS 7.3). */
      way: 'A' | 'B';
      /** The incarnation that would recover. */
      ownCoreUuid: string;
      /** Why this node would refuse the recovery as it is now; null: it would not. */
      obstacle: string | null;
    } & RowsPreview)
  | { known: false; reason: string; unreached?: true };
