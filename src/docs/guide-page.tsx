import { html, raw } from 'hono/html'
import { Marked } from 'marked'
import { docsStyle } from '../openapi/docs-style.js'
import { drawDiagram } from './diagram.js'
import { anchorOf } from './vendor-page.js'

/** A page of the guide: where it is found below `docs`, and its name in the menu. */
export interface GuideEntry {
  path: string
  title: string
}

/** What a guide page is made from. */
export interface GuideSource {
  markdown: string
  /** Below `docs`: `vendors/teak`. */
  path: string
  menu: readonly GuideEntry[]
  /** Whether it may hold markup of its own, as the README does. */
  isTrusted: boolean
  /** Where a link of the text leads when it is served here; undefined makes it plain text. */
  follow(href: string): string | undefined
}

/** Markdown as a page in the style of the documents: no script, nothing loaded from elsewhere. */
export async function guidePage({ markdown, path, menu, isTrusted, follow }: GuideSource): Promise<string> {
  const title = menu.find((entry) => entry.path === path)?.title ?? path
  const up = '../'.repeat(path.split('/').length - 1)
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>coinslot: {title}</title>
        <link rel="icon" href="data:," />
        <style>{raw(docsStyle)}</style>
      </head>
      <body>
        <div class="frame">
          <nav aria-label="Pages">
            <strong>coinslot</strong>
            <ul>
              <li>
                <a href={`${up}../docs`}>All calls</a>
              </li>
              {menu.map((entry) => (
                <li>
                  <a href={up + entry.path} aria-current={entry.path === path ? 'page' : undefined}>
                    {entry.title}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <main>{raw(render({ markdown, isTrusted, follow }))}</main>
        </div>
      </body>
    </html>
  )
  return String(await html`<!doctype html>${page}`)
}

function render({ markdown, isTrusted, follow }: Pick<GuideSource, 'markdown' | 'isTrusted' | 'follow'>): string {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${escaped(anchorOf(text))}">${this.parser.parseInline(tokens)}</h${depth}>\n`
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens)
        const target = follow(href)
        return target === undefined ? text : `<a href="${escaped(target)}">${text}</a>`
      },
      image({ href, text }) {
        const target = follow(href)
        return target === undefined ? escaped(text) : `<img src="${escaped(target)}" alt="${escaped(text)}">`
      },
      code({ lang, text }) {
        // Everything else as always.
        return (lang === 'mermaid' && drawDiagram(text)) || false
      },
      html({ text }) {
        return isTrusted ? text : escaped(text)
      },
    },
  })
  return marked.parse(markdown, { async: false })
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
