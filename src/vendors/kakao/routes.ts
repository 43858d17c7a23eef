import { routeOf, type Api } from './api.js'
import { firstGeneration } from './first-generation.js'
import { messageApis } from './message-apis.js'
import { otherLogs } from './other-logs.js'
import { capriMemberKey, country, memberKey, removal, validation } from './player.js'
import { purchaseLog } from './purchase-log.js'

const apis: readonly Api[] = [purchaseLog, ...otherLogs, validation, memberKey, capriMemberKey, removal, ...messageApis, country]

/** Every call of the platform that is modelled, in its third and its first generation. */
export const routes = [...apis.map((api) => routeOf(api, `/service/v3/${api.name}`)), ...firstGeneration(apis)]
