import { z } from 'zod'

const port = z.int().min(0).max(65_535)
const limit = z.int().min(1)

/**
 * Every option of `start`, once: command-line flags, environment twins (`COINSLOT_<NAME>`), keys of `coinslot.config.json` and
 * their help follow from it.
 */
export const configSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('address to bind'),
  port: port.default(4010).describe('port to listen on; 0 = any free port'),
  data: z.string().min(1).default('.coinslot').describe('data directory'),
  memory: z.boolean().default(false).describe('keep nothing on disk'),
  seed: z.array(z.string()).default([]).describe('seed file or folder, beside the packaged default seed'),
  defaultSeed: z.boolean().default(true).describe('leave the packaged default seed out'),
  vendors: z.array(z.string()).min(1).optional().describe('vendors to turn on (default: all)'),
  nativePorts: z.boolean().default(false).describe("also listen on each vendor's documented ports"),
  tls: z.boolean().default(false).describe('answer TLS as well as plain HTTP on the main port'),
  sync: z.enum(['always', 'interval', 'never']).default('interval').describe('when the journal reaches the disk platter'),
  trafficLimit: z.int().min(0).default(1000).describe('kept request/reply pairs per workspace; 0 = none'),
  trafficBytes: limit.default(64 * 1024 * 1024).describe('bytes of kept traffic per workspace'),
  bodyLimit: limit.default(2_097_152).describe('largest request body in bytes'),
  headerLimit: limit.default(16_384).describe('largest request head in bytes'),
  urlLimit: limit.default(8_192).describe('longest path and query in bytes'),
  connectionLimit: limit.default(12_000).describe('most connections at once'),
  idleTimeout: limit.default(65_000).describe('idle keep-alive in milliseconds'),
  requestTimeout: limit.default(60_000).describe('time for a whole request in milliseconds'),
  workspaceLimit: limit.default(5_000).describe('most workspaces'),
  snapshotLimit: limit.default(256 * 1024 * 1024).describe('largest snapshot in bytes'),
  journalLineLimit: limit.default(4 * 1024 * 1024).describe('longest journal line in bytes'),
  controlToken: z.string().min(1).optional().describe('bearer token that control calls must carry'),
  controlHost: z.array(z.string()).default([]).describe('further Host name the control API answers to'),
  randomSeed: z
    .union([z.string().min(1), z.number().transform(String)])
    .optional()
    .describe('make ids, AES keys and IVs repeatable'),
  reset: z.boolean().default(false).describe('fill from the seed again'),
  recover: z.boolean().default(false).describe('keep all before the first damaged journal line'),
  traceHeader: z.boolean().default(true).describe('leave X-Sandbox-Request out of vendor replies'),
  cors: z.boolean().default(false).describe('let vendor addresses answer browsers of other origins'),
  tlsName: z.array(z.string()).default([]).describe('further name for certificates'),
  dnsPort: port.optional().describe('answer DNS for vendor names on this port'),
  vendor: z.array(z.string()).default([]).describe('a vendor of your own: file or package'),
  log: z.enum(['pretty', 'json', 'silent']).optional().describe('log form (default: pretty on a terminal, else json)'),
  store: z
    .string()
    .regex(/^rediss?:\/\/./, 'It must begin with redis:// or rediss://')
    .optional()
    .describe('redis://… for state shared by several processes'),
})

/** A sandbox's settings, complete. */
export type Config = z.infer<typeof configSchema>
