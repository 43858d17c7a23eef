/** Returns the reason why a port cannot be opened, and what to do, in one sentence each. */
export function portRefusal(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  platform: NodeJS.Platform = process.platform,
): string {
  const at = `${host.includes(':') ? `[${host}]` : host}:${port}`
  if (error.code === 'EADDRINUSE')
    return `Something else listens on ${at}. Stop it${finders[platform] ? `; ${finders[platform]} names it` : ''}.`
  if (error.code === 'EACCES') return `The system does not let this user open ${at}. ${permissions(platform, port)}`
  if (error.code === 'EADDRNOTAVAIL') return `This machine has no address ${host}. Check --host.`
  return `${at}: ${error.message}. Check --host.`
}

const finders: Partial<Record<NodeJS.Platform, string>> = {
  linux: '"ss -ltnp" (as root)',
  darwin: '"sudo lsof -nP -iTCP -sTCP:LISTEN"',
  win32: '"netstat -abno" (as administrator)',
}

function permissions(platform: NodeJS.Platform, port: number): string {
  if (platform === 'win32') return 'Another program may have reserved it: "netsh int ipv4 show excludedportrange protocol=tcp" lists it.'
  if (platform === 'darwin') return 'Run with sudo, or with --host 0.0.0.0, which macOS allows to every user.'
  return [
    'Any one of these allows it:',
    `sudo sysctl net.ipv4.ip_unprivileged_port_start=${Math.min(port, 80)}`,
    `or sudo setcap cap_net_bind_service=+ep "$(readlink -f "$(command -v node)")"`,
    'or authbind --deep coinslot …',
    'or run it with sudo.',
  ].join(' ')
}
