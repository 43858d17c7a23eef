import { html, raw } from 'hono/html'
import type { Vendor } from '../../contract.js'
import { CallDetails } from './call.js'
import { docsStyle } from './style.js'
import type { ApiDocument } from '../documents.js'
import type { Operation } from '../operations.js'

/** Renders the merged document as a page without script that loads nothing from other hosts. */
export async function docsPage(document: ApiDocument, vendors: readonly Vendor[], theme: 'light' | 'dark' | undefined): Promise<string> {
  const groups = groupsOf(document, vendors)
  const page = (
    <html lang="en" data-theme={theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>API reference · coinslot</title>
        <link rel="icon" href="data:," />
        <style>{raw(docsStyle)}</style>
      </head>
      <body>
        <header class="top">
          <a class="brand" href="./">
            coinslot <span>inspector</span>
          </a>
          <a href="./">Back to the inspector</a>
        </header>
        <div class="frame">
          <nav aria-label="Groups of calls">
            <p class="soft">Version {document.info.version}</p>
            {['Vendors', 'Sandbox'].map((kind) => (
              <>
                <h2>{kind}</h2>
                <ul>
                  {groups
                    .filter((group) => (group.vendor === undefined) === (kind === 'Sandbox'))
                    .map(({ name, title, calls }) => (
                      <li>
                        <a href={`#${name}`}>{title}</a> <span class="soft">{calls.length}</span>
                      </li>
                    ))}
                </ul>
              </>
            ))}
            <h2>Machine-readable</h2>
            <ul>
              <li>
                <a href="openapi.json">openapi.json</a> <span class="soft">all of it</span>
              </li>
              {vendors.map(({ id }) => (
                <li>
                  <a href={`openapi/${id}.json`}>{id}.json</a>
                </li>
              ))}
            </ul>
          </nav>
          <main>
            <h1>API reference</h1>
            <p class="soft">{document.info.description}</p>
            {groups.map((group) => (
              <GroupSection group={group} />
            ))}
          </main>
        </div>
      </body>
    </html>
  )
  return String(await html`<!doctype html>${page}`)
}

/** Calls of one vendor, or of one subject of the control API. */
interface Group {
  name: string
  title: string
  vendor: Vendor | undefined
  calls: { method: string; path: string; operation: Operation }[]
}

function GroupSection({ group: { name, title, vendor, calls } }: { group: Group }) {
  return (
    <section id={name}>
      <h2>{title}</h2>
      {vendor && (
        <p class="soft">
          Under the prefix <code>/{vendor.id}</code>, or by the names <code>{vendor.hosts.join(', ')}</code>. Documented base URL:{' '}
          {vendor.baseUrls.join(', ')}.
        </p>
      )}
      {calls.map((call) => (
        <CallDetails {...call} />
      ))}
      {vendor && <NamedReplies vendor={vendor} />}
      {vendor && <TableList vendor={vendor} />}
      {vendor && <NotModelled vendor={vendor} />}
    </section>
  )
}

function NamedReplies({ vendor: { replies } }: { vendor: Vendor }) {
  return (
    <>
      <h3>Replies that a fault can ask for</h3>
      <table>
        <tbody>
          {Object.entries(replies).map(([name, { status, summary }]) => (
            <tr>
              <td>
                <code>{name}</code>
              </td>
              <td>{status}</td>
              <td>{summary}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function TableList({ vendor: { id, tables } }: { vendor: Vendor }) {
  return (
    <>
      <h3>Tables and seeds</h3>
      <table>
        <tbody>
          {Object.entries(tables).map(([name, { key, schema }]) => (
            <tr>
              <td>
                <code>
                  {id}.{name}
                </code>
              </td>
              <td>key {key.join(', ')}</td>
              <td>{Object.keys(schema.shape).join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function NotModelled({ vendor: { notModelled = [] } }: { vendor: Vendor }) {
  if (notModelled.length === 0) return null
  return (
    <>
      <h3>Not modelled</h3>
      <ul class="plain">
        {notModelled.map((line) => (
          <li>{line}</li>
        ))}
      </ul>
    </>
  )
}

function groupsOf({ tags, paths }: ApiDocument, vendors: readonly Vendor[]): Group[] {
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
  return tags.map(({ name, description }) => {
    const vendor = vendors.find(({ id }) => id === name)
    const title = description ?? `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`
    const own = calls.filter(
      ({ path, operation }) => operation.tags.includes(name) && path.startsWith('/_sandbox') === (vendor === undefined),
    )
    return { name, title, vendor, calls: own }
  })
}
