import { visit } from 'jsonc-parser'
import { pointer, type Pointer } from '../problem.js'

/** Finds repeated members of an object, because parsing keeps only the last one and the rows of the others would be lost without a message. */
export function repeatedMembers(text: string): Pointer[] {
  const errors: Pointer[] = []
  const open: Set<string>[] = []
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty(name, _offset, _length, line, column, pathOf) {
      const members = open.at(-1)
      if (members?.has(name) && errors.length < mostErrors) {
        const place = `line ${line + 1}, column ${column + 1}`
        errors.push({ path: pointer([...pathOf(), name]), message: `The member is repeated at ${place}; merge the two.` })
      }
      members?.add(name)
    },
  })
  return errors
}

const mostErrors = 100
