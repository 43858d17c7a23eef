// Leads host names to a TLS port of a sandbox, as a hosts file and native ports would; server name and Host header stay. Used with
// NODE_OPTIONS=--import, for clients whose hosts cannot be changed. SANDBOX_HOSTS is a list with commas.
import http from 'node:http'
import net from 'node:net'
import tls from 'node:tls'

const hosts = new Set((process.env.SANDBOX_HOSTS ?? '').split(','))
const port = Number(process.env.SANDBOX_TLS_PORT)

for (const module of [net, tls]) {
  const { connect } = module
  module.connect = (...args) => {
    const [options, ...rest] = typeof args[0] === 'object' ? args : [{ port: args[0], host: args[1] }, ...args.slice(2)]
    if (!hosts.has(options.host ?? options.hostname)) return connect(...args)
    const name = options.servername || options.host
    return connect({ ...options, host: '127.0.0.1', port, servername: name }, ...rest)
  }
}

// Agents of plain HTTP took the function when node:http was loaded.
http.Agent.prototype.createConnection = net.connect
