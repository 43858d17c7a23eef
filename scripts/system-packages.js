// The programs beside Node that some tests drive: a browser, Redis, a JDK. On Debian-like Linux they are installed where missing.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const needed = [
  { program: 'chromium', package: 'chromium', tests: ['test/inspector/**', 'test/tls/chromium.test.ts'] },
  { program: 'certutil', package: 'libnss3-tools', tests: ['test/tls/chromium.test.ts'] },
  { program: 'redis-server', package: 'redis-server', tests: ['test/store/redis*.test.ts', 'test/shared/**'] },
  { program: 'javac', package: 'default-jdk-headless', tests: ['test/tls/java.test.ts'] },
  {
    program: 'openssl',
    package: 'openssl',
    tests: ['test/pki/certificate.test.ts', 'test/receipts/**', 'test/tls/**', 'test/cli/ca.test.ts'],
  },
  { program: 'curl', package: 'curl', tests: ['test/tls/curl.test.ts', 'test/package/readme.test.ts'] },
]

/** Installs what is missing. Answers the programs that are not here, with the tests that need them, on systems where nothing is installed for them. */
export function prepareSystem() {
  const absent = needed.filter(({ program }) => !isInstalled(program))
  if (absent.length === 0 || !existsSync('/etc/debian_version')) return absent
  const packages = absent.map((entry) => entry.package)
  process.stderr.write(`coinslot: installing ${packages.join(', ')} (apt-get)\n`)
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  apt([...sudo, 'apt-get', 'update', '-qq'])
  apt([...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages])
  const still = absent.filter(({ program }) => !isInstalled(program))
  if (still.length === 0) return []
  process.stderr.write(
    `coinslot: could not install ${still.map((entry) => entry.package).join(', ')}; install them and run npm test again.\n`,
  )
  process.exit(1)
}

function isInstalled(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
}

function apt([command, ...args]) {
  spawnSync(command, args, { stdio: ['ignore', 2, 2] })
}
