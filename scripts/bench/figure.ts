import Table from 'cli-table3'

/** One thing that was measured, beside what it should be. */
export interface Figure {
  /** The figure as a line of a table. */
  name: string
  value: number
  /** Smallest and largest of the values that `value` is the median of. */
  spread?: readonly [number, number]
  unit: '×' | '%' | 'ms' | 's' | 'MB' | 'µs' | '/s' | ''
  /** Where a bound is set; a figure without one is shown for what it is. */
  atLeast?: number
  atMost?: number
}

/** True if a figure is within its bound; undefined if it has no bound. */
export function isReached({ value, atLeast, atMost }: Figure): boolean | undefined {
  if (atLeast !== undefined) return value >= atLeast
  return atMost === undefined ? undefined : value <= atMost
}

/** Figures as a table for a terminal. */
export function tableOf(figures: readonly Figure[]): string {
  const table = new Table({
    head: ['', 'measured', 'aimed at', ''],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'left'],
  })
  for (const figure of figures) table.push([figure.name, withSpread(figure), boundOf(figure), markOf(figure)])
  return table.toString()
}

/** Figures as a table of Markdown. */
export function markdownOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => `| ${figure.name} | ${withSpread(figure)} | ${boundOf(figure)} | ${markOf(figure)} |`)
  return ['| | measured | aimed at | |', '|---|---:|---:|---|', ...rows].join('\n')
}

/** The median of values that were measured in turns, with its spread. */
export function measured(values: readonly number[]): Pick<Figure, 'value' | 'spread'> {
  return { value: median(values), spread: [Math.min(...values), Math.max(...values)] }
}

/** The middle of several values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function withSpread({ value, spread, unit }: Figure): string {
  return spread ? `${shown(value, unit)} (${shown(spread[0], unit)} to ${shown(spread[1], unit)})` : shown(value, unit)
}

/** A value as people read it. */
export function shown(value: number, unit: Figure['unit']): string {
  const digits = Math.abs(value) >= 100 || unit === '/s' ? 0 : Math.abs(value) >= 10 || unit === '%' ? 1 : 2
  const text = value.toLocaleString('en-GB', { maximumFractionDigits: digits, minimumFractionDigits: digits })
  return unit === '%' || unit === '×' || unit === '' ? `${text}${unit}` : `${text} ${unit}`
}

function boundOf({ atLeast, atMost, unit }: Figure): string {
  if (atLeast !== undefined) return `≥ ${shown(atLeast, unit)}`
  return atMost === undefined ? '' : `≤ ${shown(atMost, unit)}`
}

function markOf(figure: Figure): string {
  const reached = isReached(figure)
  return reached === undefined ? '' : reached ? 'reached' : 'not reached'
}
