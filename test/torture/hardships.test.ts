import { test } from 'vitest'
import { clock } from '../../scripts/torture/trials/clock.js'
import { descriptors } from '../../scripts/torture/trials/descriptors.js'
import { fullDisk } from '../../scripts/torture/trials/full-disk.js'
import { fullMemory } from '../../scripts/torture/trials/full-memory.js'
import { idle } from '../../scripts/torture/trials/idle.js'
import { slowClients } from '../../scripts/torture/trials/slow-clients.js'
import { holds } from './short-form.js'

test('a full disk refuses in the vendors’ words and takes writes again when there is room', () => holds(fullDisk))

test('rows that Node has no memory for are refused, and what is there stays', () => holds(fullMemory))

test('clocks that jump lose nothing', () => holds(clock))

test('a process out of file descriptors lives and answers again', () => holds(descriptors))

test('slow and broken clients delay no other client and leave no connection open', () => holds(slowClients))

test('idle connections stay good while others are served', () => holds(idle))
