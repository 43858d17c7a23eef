import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSettings } from '../../src/cli/settings.js'
import { aFolder } from '../support/folder.js'

async function settingsFile(settings: object): Promise<string> {
  const file = join(await aFolder(), 'coinslot.config.json')
  writeFileSync(file, JSON.stringify(settings))
  return file
}

test('a flag wins over the environment, the environment over the file, and the file over the default', async () => {
  const file = await settingsFile({ port: 5001, host: '127.0.0.2', data: 'from-file', defaultSeed: true })
  const env = { COINSLOT_PORT: '5002', COINSLOT_HOST: '127.0.0.3', COINSLOT_NO_DEFAULT_SEED: '1' }

  const settings = readSettings({ port: '5003' }, { env, file })

  expect(settings).toMatchObject({ port: 5003, host: '127.0.0.3', data: 'from-file', defaultSeed: false, bodyLimit: 2_097_152 })
})

test('a list of the environment stands in place of the list in the file', async () => {
  const file = await settingsFile({ controlHost: ['file'], tlsName: ['file'] })

  const settings = readSettings({}, { env: { COINSLOT_CONTROL_HOST: 'one,two' }, file })

  expect(settings).toMatchObject({ controlHost: ['one', 'two'], tlsName: ['file'] })
})

test('a control host that is no name is refused with the place it came from', async () => {
  const file = await settingsFile({ controlHost: ['user@name'] })

  expect(() => readSettings({}, { env: {}, file })).toThrow(/"controlHost" in .*user@name.*It must be a host name or address/)
  expect(readSettings({}, { env: { COINSLOT_CONTROL_HOST: '*' }, file })).toMatchObject({ controlHost: ['*'] })
})

test('a setting that stands twice in the file is refused with its place', async () => {
  const file = join(await aFolder(), 'coinslot.config.json')
  writeFileSync(file, '{\n  "port": 4710, // mine\n  "port": 4711\n}')

  expect(() => readSettings({}, { env: {}, file })).toThrow('has "port" a second time at line 3, column 3')
})

test('a settings file that cannot be read is named in whole sentences', async () => {
  const folder = await aFolder()

  expect(() => readSettings({}, { env: {}, file: folder })).toThrow(/read\. Fix the file|directory, read\. Fix/)
})

test.each(['\u{1f642}', ' x', 'a\nb', ''])('a control token %j that no header can carry is refused', (controlToken) => {
  expect(() => readSettings({ controlToken }, { env: {}, file: 'none.json' })).toThrow('--control-token: invalid value')
})
