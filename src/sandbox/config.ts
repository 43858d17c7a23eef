import { isIP } from 'node:net'
import { z } from 'zod'
import { listeningPort } from '../kernel/listening-port.js'
import { parseHostOption } from '../kernel/host.js'

const limit = z.int().min(1)
const limits = 'Limits'
const rare = 'Rarely needed'

/**
 * Every option of `start`, once: command-line flags, environment twins (`COINSLOT_<NAME>`), keys of `coinslot.config.json` and
 * their help follow from it. `value` is what help calls the value; `group` sets an option apart for `--help-all`.
 */
export const configSchema = z.strictObject({
  host: z
    .string()
    .min(1)
    .overwrite(plainHost)
    .refine(isHost, 'Give an address or a name alone, without http:// and without a port')
    .default('127.0.0.1')
    .meta({ description: 'address to bind', value: 'address' }),
  port: listeningPort.default(4010).describe('port to listen on; 0 = any free port'),
  data: z.string().min(1).default('.coinslot').meta({ description: 'data directory', value: 'dir' }),
  memory: z.boolean().default(false).describe('keep nothing on disk'),
  seed: z.array(z.string()).default([]).meta({ description: 'seed file or folder, beside the packaged one; repeatable', value: 'path' }),
  defaultSeed: z.boolean().default(true).describe('leave the packaged seed out'),
  vendors: z.array(z.string()).min(1).optional().meta({ description: 'vendors to turn on (default: all)', value: 'a,b' }),
  nativePorts: z.boolean().default(false).describe("also listen on each vendor's documented ports"),
  tls: z.boolean().default(false).describe('answer TLS as well as plain HTTP on the main port'),
  sync: z
    .enum(['always', 'interval', 'never'])
    .default('interval')
    .meta({ description: 'journal to the disk platter: always, interval or never', value: 'when' }),
  trafficLimit: z.int().min(0).default(1000).describe('kept request/reply pairs per workspace; 0 = none'),
  trafficBytes: limit.default(64 * 1024 * 1024).meta({ description: 'bytes of kept traffic per workspace', group: limits }),
  trafficTotal: limit
    .optional()
    .meta({ description: 'bytes of kept traffic in all workspaces (default: an eighth of the memory Node may use)', group: limits }),
  bodyLimit: limit.default(2_097_152).meta({ description: 'largest request body in bytes', group: limits }),
  headerLimit: limit.default(16_384).meta({ description: 'largest request head in bytes', group: limits }),
  urlLimit: limit.default(8_192).meta({ description: 'longest path and query in bytes', group: limits }),
  connectionLimit: limit.default(12_000).meta({ description: 'most connections at once', group: limits }),
  idleTimeout: limit.default(65_000).meta({ description: 'idle keep-alive in milliseconds', group: limits }),
  requestTimeout: limit.default(60_000).meta({ description: 'time for a whole request in milliseconds', group: limits }),
  workspaceLimit: limit.default(5_000).meta({ description: 'most workspaces', group: limits }),
  snapshotLimit: limit.default(256 * 1024 * 1024).meta({ description: 'largest snapshot in bytes, up to 256 MiB', group: limits }),
  journalLineLimit: limit.default(4 * 1024 * 1024).meta({ description: 'longest row in bytes that the journal takes', group: limits }),
  controlToken: z
    .string()
    .regex(
      /^[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?$/,
      'It must be text that a header can carry, such as ASCII without blanks at its ends',
    )
    .optional()
    .meta({ description: 'bearer token that control calls must carry', value: 'text' }),
  controlHost: z
    .array(
      z.string().refine((name) => name === '*' || parseHostOption(name) !== undefined, 'It must be a host name or address, or * for any'),
    )
    .default([])
    .meta({ description: 'further Host name the control API answers to, * = any; repeatable', value: 'name' }),
  randomSeed: z
    .union([z.string().min(1), z.number().transform(String)])
    .optional()
    .meta({ description: 'make ids, AES keys and IVs repeatable', value: 'n' }),
  reset: z.boolean().default(false).describe('fill from the seed again'),
  recover: z.boolean().default(false).describe('keep all before the first damaged journal line'),
  traceHeader: z.boolean().default(true).meta({ description: 'leave X-Sandbox-Request out of vendor replies', group: rare }),
  cors: z.boolean().default(false).meta({ description: 'let vendor addresses answer browsers of other origins', group: rare }),
  tlsName: z.array(z.string()).default([]).meta({ description: 'further name for certificates; repeatable', value: 'name', group: rare }),
  dnsPort: z.int().min(0).max(65_535).optional().meta({ description: 'answer DNS for vendor names on this port', group: rare }),
  vendor: z.array(z.string()).default([]).meta({ description: 'a vendor of your own, file or package; repeatable', value: 'file' }),
  log: z
    .enum(['pretty', 'json', 'silent'])
    .optional()
    .meta({ description: 'pretty, json or silent (default: pretty on a terminal, else json)', value: 'form' }),
  store: z
    .string()
    .regex(/^rediss?:\/\/./, 'It must begin with redis:// or rediss://')
    .optional()
    .meta({ description: 'redis://… for state shared by several processes', value: 'url' }),
})

/** A sandbox's settings, complete. */
export type Config = z.infer<typeof configSchema>

/** An address in brackets is taken without them, and `*` as every IPv4 address. */
function plainHost(text: string): string {
  return text === '*' ? '0.0.0.0' : text.replace(/^\[(.*)\]$/, '$1')
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/i.test(text)
}
