/** Returns the address at which a sandbox with this host and port is reached from the same machine. */
export function sandboxUrl({ host, port }: { host: string; port: number }): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/**
 * Reads the address of a sandbox as people write it: `localhost:4010` is taken as `http://localhost:4010`, and a trailing slash or
 * `/_sandbox` is dropped.
 *
 * @throws TypeError if it is not an HTTP address
 */
export function readSandboxUrl(text: string): string {
  const trimmed = text.trim()
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`
  const url = new URL(written)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(`${url.protocol}// is not http:// or https://`)
  if (url.username !== '' || url.search !== '' || url.hash !== '') throw new TypeError('only host, port and path are taken')
  return (
    url.origin +
    url.pathname
      .replace(/(?<!\/)\/+$/, '')
      .replace(/\/_sandbox$/, '')
      .replace(/(?<!\/)\/+$/, '')
  )
}
