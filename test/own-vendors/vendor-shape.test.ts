import { expect, test } from 'vitest'
import { z } from 'zod'
import { table } from '../../src/kernel/table.js'
import { vendorErrors } from '../../src/own-vendors/vendor-shape.js'
import { loadRoster, packagedVendors } from '../../src/sandbox/roster.js'
import { echo } from '../support/echo.js'

test.each([...packagedVendors, echo].map((vendor) => [vendor.id, vendor] as const))('%s is a vendor without fault', (_id, vendor) => {
  expect(vendorErrors(vendor)).toEqual([])
})

const [route] = echo.routes

test.each([
  ['an id with capitals', { id: 'Echo' }, /^id must be lower-case/],
  ['an id that a seed uses otherwise', { id: 'clock' }, /^id must not be one of .*clock/],
  ['no host', { hosts: [] }, /^hosts must name at least one host/],
  ['a host with a port', { hosts: ['api.echo.test:80'] }, /^hosts\.0 must be a host name in lower case without port/],
  ['no routes', { routes: [] }, /^routes must have at least one route/],
  ['a duplicate route', { routes: [route, route] }, /^routes has duplicate POST \/echo/],
  ['a path without slash', { routes: [{ ...route, path: 'echo' }] }, /^routes\.0\.path must start with \//],
  ['a method in lower case', { routes: [{ ...route, method: 'post' }] }, /^routes\.0\.method must be GET/],
  ['a route of a host that is not its own', { routes: [{ ...route, hosts: ['a.test'] }] }, /^routes\.0\.hosts names a\.test, which is not/],
  ['no evidence', { routes: [{ ...route, evidence: undefined }] }, /^routes\.0\.evidence must be created by evidence\(/],
  ['no outcomes', { routes: [{ ...route, outcomes: {} }] }, /^routes\.0\.outcomes must name at least one/],
  ['an outcome without status', { routes: [{ ...route, outcomes: { kept: 'yes' } }] }, /^routes\.0\.outcomes\.kept/],
  ['no handler', { routes: [{ ...route, handle: undefined }] }, /^routes\.0\.handle must be a function/],
  ['no failureReply', { failureReply: undefined }, /^failureReply must be a function that replies if no route matches/],
  ['a reply without status', { replies: { busy: { summary: 'busy', reply: () => {} } } }, /^replies\.busy\.status must be a status/],
  ['a table that is only a shape', { tables: { notes: z.strictObject({ id: z.string() }) } }, /^tables\.notes must be created by table\(/],
  [
    'a table that takes unknown fields',
    { tables: { notes: table(z.object({ id: z.string() }), ['id']) } },
    /^tables\.notes must use z\.strictObject/,
  ],
  // A key that is not a field does not compile, but a vendor in JavaScript can have one.
  [
    'a key that is not a field',
    { tables: { notes: { ...table(z.strictObject({ id: z.string() }), ['id']), key: ['nr'] } } },
    /^tables\.notes has key nr, which is not a field/,
  ],
])('%s is reported with its place', (_what, wrong, said) => {
  const faults = vendorErrors({ ...echo, ...wrong })

  expect(faults).toHaveLength(1)
  expect(faults[0]).toMatch(said)
})

test('all errors are reported at once', () => {
  expect(vendorErrors({ id: 'echo', routes: 'none' }).length).toBeGreaterThan(4)
})

test('a vendor that takes the id or a host of another is refused', async () => {
  await expect(loadRoster([], [{ ...echo, id: 'teak' }])).rejects.toThrow(/teak shares its id, a host or a path with teak/)
  await expect(loadRoster([], [{ ...echo, hosts: ['api.gocarrot.com'] }])).rejects.toThrow(/echo shares its id, a host or a path with teak/)
})
