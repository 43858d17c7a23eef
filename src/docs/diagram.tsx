/** A box of a diagram: its first word is the title, what follows the colon is written below it. */
interface Box {
  name: string
  title: string
  lines: string[]
  x: number
  y: number
  height: number
}

/**
 * Draws what the papers write as a Mermaid flowchart from top to bottom, boxes and plain arrows: those who read the paper elsewhere see it
 * drawn too, and here no script is needed. Undefined when it holds anything else.
 */
export function drawDiagram(source: string): string | undefined {
  const [head, ...lines] = source.trim().split('\n')
  if (head !== 'flowchart TD') return undefined
  const texts = new Map<string, string>()
  const arrows: (readonly [from: string, to: string])[] = []
  for (const line of lines) {
    const [, box, text] = /^ +(\w+)\["([^"]+)"\]$/.exec(line) ?? []
    const [, from, to] = /^ +(\w+) --> (\w+)$/.exec(line) ?? []
    if (box !== undefined && text !== undefined) texts.set(box, text)
    else if (from !== undefined && to !== undefined && texts.has(from) && texts.has(to)) arrows.push([from, to])
    else return undefined
  }
  const boxes = placed(texts, arrows)
  // Nothing in it is waited for, so that the element is written at once.
  return boxes && ((<Drawing boxes={boxes} arrows={arrows} />) as { toString(): string }).toString()
}

function Drawing({ boxes, arrows }: { boxes: ReadonlyMap<string, Box>; arrows: readonly (readonly [string, string])[] }) {
  const all = [...boxes.values()]
  const height = Math.max(...all.map((box) => box.y + box.height)) + margin
  const label = arrows.map(([from, to]) => `${boxes.get(from)!.title} may use ${boxes.get(to)!.title}`).join(', ')
  return (
    <svg class="diagram" role="img" aria-label={label} viewBox={`0 0 ${width} ${height}`} fill="none" stroke="currentColor">
      <defs>
        <marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">
          <path d="M0 0 L8 4 L0 8 z" fill="currentColor" stroke="none" />
        </marker>
      </defs>
      {arrows.map(([from, to]) => {
        const [above, below] = [boxes.get(from)!, boxes.get(to)!]
        return <line x1={above.x} y1={above.y + above.height} x2={below.x} y2={below.y} marker-end="url(#tip)" />
      })}
      {all.map(({ title, lines, x, y, height: tall }) => (
        <g>
          <rect x={x - boxWidth / 2} y={y} width={boxWidth} height={tall} rx="6" />
          <g fill="currentColor" stroke="none" text-anchor="middle" font-size="13">
            <text x={x} y={y + lineHeight} font-weight="bold">
              {title}
            </text>
            {lines.map((line, at) => (
              <text x={x} y={y + lineHeight * (at + 2)}>
                {line}
              </text>
            ))}
          </g>
        </g>
      ))}
    </svg>
  )
}

/** Boxes in rows, each below all that point to it and in the middle of them; undefined where arrows go round in a circle. */
function placed(texts: ReadonlyMap<string, string>, arrows: readonly (readonly [string, string])[]): Map<string, Box> | undefined {
  const rows = new Map<string, number>()
  const rowOf = (name: string, way: readonly string[] = []): number | undefined => {
    if (way.includes(name)) return undefined
    const above = arrows.filter(([, to]) => to === name).map(([from]) => rowOf(from, [...way, name]))
    return above.includes(undefined) ? undefined : 1 + Math.max(-1, ...above.map((row) => row ?? 0))
  }
  for (const name of texts.keys()) {
    const row = rowOf(name)
    if (row === undefined) return undefined
    rows.set(name, row)
  }
  const boxes = new Map<string, Box>()
  let y = margin
  for (let row = 0; row <= Math.max(...rows.values()); row++) {
    const names = [...texts.keys()].filter((name) => rows.get(name) === row)
    for (const [at, name] of names.entries()) {
      const above = arrows.flatMap(([from, to]) => (to === name ? [boxes.get(from)!.x] : []))
      const middle = above.length === 0 ? width / 2 : above.reduce((sum, x) => sum + x, 0) / above.length
      const x = names.length === 1 ? middle : (width * (at + 0.5)) / names.length
      const [title = '', words = ''] = texts.get(name)!.split(': ')
      const lines = wrapped(words)
      boxes.set(name, { name, title, lines, x, y, height: lineHeight * (lines.length + 1) + 10 })
    }
    y = Math.max(...names.map((name) => boxes.get(name)!.y + boxes.get(name)!.height)) + gap
  }
  return boxes
}

function wrapped(text: string): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < longestLine) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

const width = 660
const boxWidth = 300
const lineHeight = 18
const longestLine = 42
const margin = 8
const gap = 36
