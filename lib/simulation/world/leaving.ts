/** The VIPs that end with a process: a stuck SIP stack is fenced by its end, and so one may move for another's sake. */
import type { World } from './world';

/** Those that the node holds, and those on their way from it. */
export function vipsLeaving({ table }: World, nodeId: string): string[] {
  const leaving = [...table.vips.values()].filter(({ vipId, epoch, holder }) => {
    const from = table.transitions.get(`${vipId}#${epoch}`)?.from;
    return holder?.nodeId === nodeId || from?.nodeId === nodeId;
  });
  return leaving.map(({ vipId }) => vipId);
}
