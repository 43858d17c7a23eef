import { useAsked, useDeed } from '../asked.js'
import { controlBase, download } from '../control.js'
import { CopyBlock } from '../parts/copy.js'
import { RefusalNote, Waiting } from '../parts/notes.js'
import { linkTo, workspaceParameter } from '../place.js'
import type { Devices } from '../shapes.js'
import { readToken } from '../token.js'
import { counted, dayAndTime } from '../words.js'
import { QrCode } from './devices/qr-code.js'

/** Instructions for connecting a phone or console, with a sign once one has called. */
export function DevicesView() {
  const { value, refusal } = useAsked<Devices>('devices', 3_000)
  return (
    <>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {value && (
        <>
          <Called devices={value} />
          <ol class="steps">
            <Reach devices={value} />
            <Names devices={value} />
            <Trust devices={value} />
          </ol>
        </>
      )}
    </>
  )
}

function Called({ devices: { callers } }: { devices: Devices }) {
  if (callers.length === 0) {
    return (
      <p class="note note-waiting" role="status">
        No other machine has called yet. This turns green as soon as one does.
      </p>
    )
  }
  return (
    <ul class="note note-good plain" role="status">
      {callers.map(({ address, count, last }) => (
        <li key={address}>
          <b>
            <span aria-hidden="true">✓ </span>
            {address}
          </b>{' '}
          has called: {counted(count, 'request')}, last{' '}
          <a href={linkTo('live', [last.id], { [workspaceParameter]: last.workspace })}>{last.vendor ?? 'no vendor'}</a> at{' '}
          {dayAndTime(last.at)}
        </li>
      ))}
    </ul>
  )
}

function Reach({ devices }: { devices: Devices }) {
  const { isReachable, host, addresses } = devices
  const origin = (address: string) => `${window.location.protocol}//${address.includes(':') ? `[${address}]` : address}${portText()}`
  const control = addresses.map(({ address }) => `--control-host ${address}`).join(' ')
  return (
    <li>
      <h2>Reach this machine</h2>
      {isReachable ? (
        <>
          <p>From a device in the same network, vendors are at these addresses, each with the vendor’s prefix:</p>
          <ul>
            {addresses.map(({ address }) => (
              <li key={address}>
                <code>{origin(address)}</code>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <>
          <p>
            The sandbox is bound to {host}, which only this machine reaches. Start it for the network; the second option lets devices fetch
            the certificate too:
          </p>
          <CopyBlock label="Command" text={`npx coinslot --host 0.0.0.0 --native-ports ${control}`.trim()} />
        </>
      )}
      <p>
        An Android emulator reaches this machine at <code>10.0.2.2</code>, an iOS simulator at <code>127.0.0.1</code>, always.
      </p>
    </li>
  )
}

function Names({ devices: { addresses, hosts, nativePorts } }: { devices: Devices }) {
  const address = addresses[0]?.address ?? '127.0.0.1'
  return (
    <li>
      <h2>Let the vendors’ names lead here</h2>
      <p>
        A game build that cannot be told another address is led here by its name server or its hosts file.
        {!nativePorts && ' It asks on the vendors’ own ports, which --native-ports opens.'}
      </p>
      <CopyBlock label="Lines for a hosts file" text={hosts.map((name) => `${address} ${name}`).join('\n')} />
    </li>
  )
}

function Trust({ devices: { addresses } }: { devices: Devices }) {
  const save = useDeed(() => download('ca.pem', 'coinslot-ca.pem'))
  // A device that scans has no token to send.
  const open = readToken() === undefined ? addresses.find(({ isControl }) => isControl) : undefined
  const path = `${controlBase()}ca.pem`
  const url = open && `${window.location.protocol}//${open.address}${portText()}${path}`
  return (
    <li>
      <h2>Trust its certificate</h2>
      <p>For https, install the sandbox’s own certificate authority on the device. It is made for this machine and signs nothing else.</p>
      <button type="button" onClick={save.run} aria-busy={save.isBusy ? 'true' : undefined}>
        Download the certificate
      </button>
      <RefusalNote refusal={save.refusal} />
      {url ? (
        <figure>
          <QrCode text={url} label="QR code of the certificate’s address" />
          <figcaption class="wrap">
            Or scan it with the device: <code>{url}</code>
          </figcaption>
        </figure>
      ) : (
        <p class="muted">
          A QR code for devices appears here once the sandbox answers control calls under an address of the network (
          <code>--control-host</code>) and asks for no control token.
        </p>
      )}
    </li>
  )
}

function portText(): string {
  return window.location.port && `:${window.location.port}`
}
