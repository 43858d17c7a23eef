import { z } from 'zod'
import { evidence } from '../../kernel/evidence.js'
import type { Api } from './api.js'
import { unknownPlayer } from './decision.js'
import { exactBody } from './exact-body.js'

/**
 * The logs beside purchases. Clients write some of them and have no admin key; what they carry is not documented, so any object is
 * kept as it came.
 */
export const otherLogs: readonly Api[] = [
  otherLog('writeRoundLog', 'Record a round played'),
  otherLog('writeItemLog', 'Record a change of items'),
  otherLog('writeResourceLog', 'Record a change of resources'),
  otherLog('writeCashItemLog', 'Record a change of cash items'),
  otherLog('writeActionLog', 'Record an action'),
  otherLog('writeSdkBasicLog', 'Record a log of the SDK itself', 'optional'),
]

function otherLog(name: string, summary: string, player: 'required' | 'optional' = 'required'): Api {
  const isCaptured = name === 'writeRoundLog' || name === 'writeSdkBasicLog'
  const source = isCaptured ? 'live capture of the client SDK, in a public project' : 'named beside the captured logs of the SDK'
  return {
    name: `log/${name}`,
    summary,
    evidence: evidence(isCaptured ? 'recorded' : 'community', source, [
      'fields are not checked, none being documented',
      'the player token (zat) that a client sends instead of an admin key is not checked',
    ]),
    adminKey: 'optional',
    player,
    body: z.looseObject({}),
    example: { market: 'googlePlay', country: 'us', os: 'android' },
    reply: z.object({ logId: z.uuid() }),
    outcomes: { recorded: 200, 'unknown-player': 406 },
    async decide(db, asked) {
      const { app, playerId, text, now } = asked
      const fault = playerId === '' ? undefined : await unknownPlayer(db, app, playerId)
      if (fault) return fault
      const logId = asked.ids.uuidV1(now)
      db.logs.put({
        logId,
        api: name,
        appId: app.appId,
        ...(playerId !== '' && { playerId }),
        body: exactBody(text),
        at: now.toISOString(),
        recordedBy: asked.requestId,
      })
      return {
        kind: 'done',
        outcome: 'recorded',
        sentence: `${name} of app ${app.appId} is kept as ${logId}; its fields are not checked.`,
        reply: { logId },
      }
    },
  }
}
