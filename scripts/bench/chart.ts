import type { Figure } from './figure.js'
import { shown } from './figure.js'

const width = 720
const left = 230
const rowHeight = 30
const top = 44

/** Bars of how many times the others' throughput coinslot reaches, as an SVG that reads in light and dark. */
export function chartOf(figures: readonly Figure[]): string {
  const rows = figures.filter(({ unit }) => unit === '×').toSorted((a, b) => b.value - a.value)
  const most = Math.max(1, ...rows.map(({ value }) => value))
  const height = top + rows.length * rowHeight + 34
  const scale = (value: number) => (value / most) * (width - left - 70)
  const bars = rows.map(({ name, value, unit }, at) => {
    const y = top + at * rowHeight
    return `  <text class="name" x="${left - 10}" y="${y + 17}">${escaped(name.replace(/^coinslot to (the )?/, ''))}</text>
  <rect class="bar" x="${left}" y="${y + 4}" width="${scale(value).toFixed(1)}" height="18" rx="3"/>
  <text class="value" x="${(left + scale(value) + 8).toFixed(1)}" y="${y + 17}">${shown(value, unit)}</text>`
  })
  const one = (left + scale(1)).toFixed(1)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Requests per second of coinslot, as a multiple of each mock server's">
  <style>
    text { font: 13px system-ui, sans-serif; fill: #24292f }
    .title { font-weight: 600 }
    .name { text-anchor: end }
    .bar { fill: #2f6fde }
    .one { stroke: #8b949e; stroke-dasharray: 3 3 }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #6ea8ff } }
  </style>
  <text class="title" x="16" y="22">coinslot's requests a second, as a multiple of theirs (Teak purchase, 16 connections)</text>
${bars.join('\n')}
  <line class="one" x1="${one}" y1="${top - 6}" x2="${one}" y2="${height - 26}"/>
  <text x="${one}" y="${height - 10}">1× = as fast</text>
</svg>
`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
