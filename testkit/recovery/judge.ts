import { ClientJudge, type RoomPublications } from "./client-judge.ts";
import { flickers } from "./flickers.ts";
import type { History, Judgement } from "./history.ts";

/**
 * Finds faults in what all clients received. This is a pure function, so a test can add a fault to the record and check
 * that it is found.
 */
export function judge({ publications, clients, outages }: History): Judgement {
  const byRoom = new Map<string, RoomPublications>();
  for (const publication of publications) {
    const { room, publisher, k } = publication;
    const of: RoomPublications = byRoom.get(room) ?? { list: [], byStamp: new Map() };
    byRoom.set(room, of);
    of.list.push(publication);
    of.byStamp.set(`${publisher} ${k}`, publication);
  }
  const judgement: Judgement = { faults: [], recoveries: 0, fresh: 0, judged: 0 };
  for (const [client, observations] of clients) {
    const own = new ClientJudge(client, byRoom, outages).judge(observations);
    judgement.faults.push(...own.faults);
    judgement.recoveries += own.recoveries;
    judgement.fresh += own.fresh;
    judgement.judged += own.judged;
  }
  judgement.faults.push(...flickers(clients));
  return judgement;
}
