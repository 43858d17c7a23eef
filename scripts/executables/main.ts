// Entry of the single executable. It has no top-level await, which the format of its bundle does not support.
import * as module from 'node:module'
import * as coinslot from '../../src/index.js'
import { run } from '../../src/cli/program.js'

provideCoinslot()
void run(process.argv.slice(2))

/** Lets a vendor's file import `coinslot` where no package of this name is installed: it gets the one inside. */
function provideCoinslot(): void {
  const url = 'coinslot:inside'
  const key = Symbol.for('coinslot.inside')
  Object.defineProperty(globalThis, key, { value: coinslot })
  const lines = Object.keys(coinslot).map((name) => `export const ${name} = inside.${name}`)
  const source = [`const inside = globalThis[Symbol.for('coinslot.inside')]`, ...lines].join('\n')
  ;(module as unknown as Hooks).registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'coinslot' ? { url, format: 'module', shortCircuit: true } : next(specifier, context),
    load: (location, context, next) => (location === url ? { source, format: 'module', shortCircuit: true } : next(location, context)),
  })
}

/** Hooks of Node 22.15 and later, which the types of Node 20 lack. */
interface Hooks {
  registerHooks(
    hooks: Record<'resolve' | 'load', (specifier: string, context: unknown, next: (...args: unknown[]) => unknown) => unknown>,
  ): void
}
