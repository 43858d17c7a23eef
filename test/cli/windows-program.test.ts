import fc from 'fast-check'
import { expect, test } from 'vitest'
import { windowsProgram } from '../../src/cli/windows-program.js'

const node = 'C:\\Program Files\\nodejs'
const env = { Path: `C:\\Windows;${node}`, PATHEXT: '.COM;.EXE;.BAT;.CMD', COMSPEC: 'C:\\Windows\\cmd.exe' }
const files = [`${node}\\node.EXE`, `${node}\\npm.CMD`, 'tools\\run me.bat']
const found = (file: string, args: readonly string[] = []) => windowsProgram(file, args, { env, exists: (path) => files.includes(path) })

test('a program of the PATH is run as it is', () => {
  expect(found('node', ['-p', '1 + 1'])).toEqual({ file: `${node}\\node.EXE`, args: ['-p', '1 + 1'], isVerbatim: false })
})

test('a program that is nowhere keeps its name, for the message of the system', () => {
  expect(found('nothing', ['x'])).toEqual({ file: 'nothing', args: ['x'], isVerbatim: false })
})

test('npm, which is a batch file on Windows, is run by cmd.exe', () => {
  const { file, args, isVerbatim } = found('npm', ['test'])

  expect({ file, isVerbatim }).toEqual({ file: 'C:\\Windows\\cmd.exe', isVerbatim: true })
  expect(args.slice(0, 3)).toEqual(['/d', '/s', '/c'])
  expect(argumentsOf(readByCmd(args[3]!.slice(1, -1)))).toEqual([`${node}\\npm.CMD`, 'test'])
})

test('a batch file may be named by its path', () => {
  expect(argumentsOf(readByCmd(found('tools\\run me.bat').args[3]!.slice(1, -1)))).toEqual(['tools\\run me.bat'])
})

test('a batch file gets each argument as it was given, also when it hands them on', () => {
  const word = fc.array(fc.constantFrom('a', ' ', '"', '\\', '&', '|', '^', '%', '!', '<', '>', '(', ')', '*', 'ü'), { maxLength: 8 })
  const argument = word.map((characters) => characters.join(''))
  fc.assert(
    fc.property(argument, (text) => {
      const line = found('npm', [text]).args[3]!.slice(1, -1)
      expect(argumentsOf(readByCmd(readByCmd(line))).at(-1)).toBe(text)
    }),
    { seed: 1, numRuns: 500 },
  )
})

test('an argument with a line break is refused for a batch file alone', () => {
  expect(() => found('npm', ['a\nb'])).toThrow('npm.CMD is a batch file, which takes no argument with a line break.')
  expect(found('node', ['a\nb']).args).toEqual(['a\nb'])
})

/** Removes carets as cmd.exe does: outside of quotes a caret makes the next character an ordinary one. */
function readByCmd(line: string): string {
  let text = ''
  let isQuoted = false
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === '^' && !isQuoted) at += 1
    else if (line[at] === '"') isQuoted = !isQuoted
    else if (!isQuoted && /[&|<>]/.test(line[at]!)) throw new Error(`cmd would act on ${line[at]} in ${line}`)
    text += line[at] ?? ''
  }
  return text
}

/** Splits a command line as the C runtime of Windows does. */
function argumentsOf(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let isQuoted = false
  for (const [part] of line.matchAll(/\\*"|\\+| |[^\\" ]+/g)) {
    if (part.endsWith('"')) {
      word = (word ?? '') + '\\'.repeat(Math.floor((part.length - 1) / 2))
      if (part.length % 2 === 0) word += '"'
      else isQuoted = !isQuoted
    } else if (part === ' ' && !isQuoted) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + part
  }
  return word === undefined ? words : [...words, word]
}
