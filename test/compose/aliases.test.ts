import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { documentedPorts, packagedVendors } from '../../src/sandbox/roster.js'

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

test('the compose file gives the sandbox every vendor’s own names', () => {
  const [, list = ''] = /aliases:\n((?: +- .+\n)+)/.exec(read('docker-compose.yml')) ?? []
  const aliases = [...list.matchAll(/- (.+)/g)].map(([, name]) => name)

  expect(new Set(aliases)).toEqual(new Set(packagedVendors.flatMap(({ hosts }) => [...hosts])))
})

test('the image names every documented port', () => {
  const [, list = ''] = /^EXPOSE (.+)$/m.exec(read('Dockerfile')) ?? []

  expect(list.split(' ').map(Number)).toEqual([4010, ...documentedPorts(packagedVendors)])
})

test('the manifest for Kubernetes asks the health call on the port of the Service, without root and with a read-only file system', () => {
  const [claim, deployment, service] = parseAllDocuments(read('docs/kubernetes.yaml')).map((one) => one.toJS() as Manifest)
  const [container] = deployment!.spec.template.spec.containers
  const mount = container!.volumeMounts[0]!

  expect(claim!.kind).toBe('PersistentVolumeClaim')
  expect(service!.spec).toMatchObject({
    selector: deployment!.spec.selector.matchLabels,
    ports: [{ port: 4010, targetPort: container!.ports[0]!.name }],
  })
  expect(container!.ports[0]!.containerPort).toBe(4010)
  for (const probe of [container!.startupProbe, container!.readinessProbe])
    expect(probe.httpGet).toEqual({ path: '/_sandbox/health', port: 'http' })
  expect(container!.securityContext).toEqual({
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  })
  expect(deployment!.spec.template.spec.securityContext.runAsNonRoot).toBe(true)
  expect(read('Dockerfile')).toContain(`COINSLOT_DATA=${mount.mountPath}`)
})

interface Manifest {
  kind: string
  spec: {
    selector: { matchLabels: Record<string, string> }
    ports: unknown[]
    template: { spec: { securityContext: { runAsNonRoot: boolean }; containers: Container[] } }
  }
}

interface Container {
  ports: { name: string; containerPort: number }[]
  startupProbe: { httpGet: unknown }
  readinessProbe: { httpGet: unknown }
  securityContext: unknown
  volumeMounts: { mountPath: string }[]
}

interface Service {
  build?: string
  image?: string
  pull_policy?: string
  tmpfs?: string[]
  volumes?: string[]
  healthcheck?: { interval: string; test: string[] }
}

const services = (parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> }).services
const ofCoinslot = Object.entries(services).filter(([, { image }]) => image?.includes('COINSLOT_IMAGE'))

test('one service builds the image, and none asks a registry for it', () => {
  expect(ofCoinslot.map(([name]) => name)).toEqual(['coinslot', 'replica-1', 'replica-2', 'replica-3'])
  expect(ofCoinslot.filter(([, { build }]) => build !== undefined).map(([name]) => name)).toEqual(['coinslot'])
  for (const [, { pull_policy }] of ofCoinslot) expect(pull_policy).toBe('never')
})

test('no service leaves an anonymous volume for the data of the image', () => {
  for (const [name, { tmpfs = [], volumes = [] }] of ofCoinslot) {
    expect([...tmpfs, ...volumes.map((volume) => volume.split(':')[1])], name).toContain('/data')
  }
})

test('a service that others wait for has a health check', () => {
  const checked = Object.entries(services).filter(([, { healthcheck }]) => healthcheck !== undefined)

  // The image of coinslot has its own.
  expect(checked.map(([name]) => name)).toEqual(['redis', 'proxy'])
})

test('the image runs as a number in group 0, which may write its data', () => {
  const dockerfile = read('Dockerfile')
  const [, user] = /^USER (.+)$/m.exec(dockerfile) ?? []

  expect(user).toBe('1000:0')
  expect(dockerfile).toContain(`chown -R ${user} /data && chmod 770 /data /data/tls && chmod 775 /data/tls/public`)
})

test('the health check of the image is one that every Docker knows, starts no process every second, and asks the port of the settings', () => {
  const [, options = '', command] = /^HEALTHCHECK (.*) CMD (.*)$/m.exec(read('Dockerfile')) ?? []
  const seconds = (name: string) => Number(new RegExp(`--${name}=(\\d+)s`).exec(options)?.[1])

  expect(seconds('interval')).toBe(5)
  expect(options).not.toContain('start-interval')
  expect(JSON.parse(command!)).toEqual(['node', 'dist/bin.js', 'ready'])
})
