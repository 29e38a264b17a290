/**
 * One dialog as a strict party keeps it: Call-ID, both tags, and a CSeq of the peer that only rises. What a new holder
 * of a VIP sends must pass here, or the call is lost (RFC 3261, 12.2.2). Pure.
 */
import { branchOf, cseqOf, headerOf, tagOf, type SipMessage } from './message';

export interface Dialog {
  callId: string;
  localTag: string;
  remoteTag: string;
  /** CSeq of the last request that was sent. */
  localCseq: number;
  /** Highest CSeq that the peer has used; null while it has sent no request. */
  remoteCseq: number | null;
  /** Branch of that request. */
  remoteBranch: string | null;
}

export type Ruling =
  | { kind: 'new' }
  /** The peer sent the same request again. */
  | { kind: 'again' }
  /** What a strict party answers, and why. */
  | { kind: 'refuse'; status: '481 Call/Transaction Does Not Exist' | '500 CSeq Out Of Order'; why: string };

/** How a request inside the dialog of its Call-ID is to be taken. */
export function judgeRequest(dialog: Dialog, request: SipMessage): Ruling {
  const from = tagOf(headerOf(request, 'from'));
  const to = tagOf(headerOf(request, 'to'));
  if (from !== dialog.remoteTag || to !== dialog.localTag) {
    return {
      kind: 'refuse',
      status: '481 Call/Transaction Does Not Exist',
      why: `${request.method} with the tags ${String(from)} and ${String(to)}`,
    };
  }
  const { number } = cseqOf(request);
  if (dialog.remoteCseq === null || number > dialog.remoteCseq) return { kind: 'new' };
  if (number === dialog.remoteCseq && branchOf(request) === dialog.remoteBranch) return { kind: 'again' };
  const why = `${request.method} with CSeq ${number} after ${dialog.remoteCseq}`;
  return { kind: 'refuse', status: '500 CSeq Out Of Order', why };
}

/** The dialog after a request that was `new`. */
export const withRequest = (dialog: Dialog, request: SipMessage): Dialog => ({
  ...dialog,
  remoteCseq: cseqOf(request).number,
  remoteBranch: branchOf(request),
});
