// Licences of the packages whose code a bundle contains. They ask to go wherever the code goes.
import { readFileSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'

/** Returns the licences of the packages in the output of a build, as text. */
export function licencesOf(chunks) {
  const notices = packagesIn(chunks).map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license}`
    return `${name} ${version}\n\n${text}\n`
  })
  return notices.join(`\n${'-'.repeat(72)}\n\n`)
}

/** Folders of the packages whose code went into the bundle. */
function packagesIn(chunks) {
  const modules = chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
  const marker = `${sep}node_modules${sep}`
  const names = modules.flatMap((id) => {
    const path = id.split('?')[0].replaceAll('/', sep)
    const at = path.lastIndexOf(marker)
    if (at < 0) return []
    const parts = path.slice(at + marker.length).split(sep)
    return [path.slice(0, at + marker.length) + parts.slice(0, parts[0].startsWith('@') ? 2 : 1).join(sep)]
  })
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : 1))
}
