import { readFileSync } from 'node:fs'
import { markdownTable } from '../src/openapi/vendor-page.js'

const root = new URL('../', import.meta.url)
/** Accepted licences; of "A OR B" the first accepted one counts. */
const accepted = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'MIT/X11', 'BlueOak-1.0.0']

interface Locked {
  version: string
  dev?: boolean
  optional?: boolean
  peer?: boolean
  license?: string
}

/**
 * The page of licences of everything that is installed along with the package, from the lock file.
 *
 * @throws Error when a package has a licence that was not looked at
 */
export function licencesPage(): string {
  const lock = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8')) as { packages: Record<string, Locked> }
  const rows = Object.entries(lock.packages)
    .filter(([place, { dev, peer }]) => place !== '' && !dev && !peer)
    .map(([place, { version, license }]) => ({
      name: place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      licence: license ?? licenceIn(place),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const strange = rows.filter(
    ({ licence }) =>
      !licence
        .replaceAll(/[()]/g, '')
        .split(' OR ')
        .some((one) => accepted.includes(one)),
  )
  if (strange.length > 0)
    throw new Error(`Look at the licence of ${strange.map(({ name, licence }) => `${name} (${licence})`).join(', ')}.`)
  return `# Licences

coinslot is under the MIT licence. These ${rows.length} packages are installed along with it; where a package offers a choice, the first of MIT,
ISC, BSD, Apache is taken. \`npm run sbom\` prints the same as a CycloneDX document.

${markdownTable(
  ['package', 'version', 'licence'],
  rows.map(({ name, version, licence }) => [`\`${name}\``, version, licence]),
)}
`
}

function licenceIn(place: string): string {
  const { license } = JSON.parse(readFileSync(new URL(`${place}/package.json`, root), 'utf8')) as { license?: string | { type: string } }
  return typeof license === 'object' ? license.type : (license ?? 'none named')
}
