import { useState } from 'preact/hooks'
import { refreshAll, useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { Dialog } from '../../parts/dialog.js'
import { Form, TextField } from '../../parts/fields.js'
import { RefusalNote } from '../../parts/notes.js'
import { goTo, linkTo, usePlace } from '../../place.js'
import type { Entry, Fields } from '../../shapes.js'

/** Opens an entry to be changed and sent again. */
export function EditButton({ entry }: { entry: Entry }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" class="outline" onClick={() => setOpen(true)}>
        Edit and replay
      </button>
      {isOpen && <Editor entry={entry} onClose={() => setOpen(false)} />}
    </>
  )
}

function Editor({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  const { query } = usePlace()
  const isBinary = entry.body.encoding === 'base64'
  const [method, setMethod] = useState(entry.method)
  const [url, setUrl] = useState(entry.url)
  const [headers, setHeaders] = useState(headerText(entry.headers))
  const [body, setBody] = useState(isBinary ? '' : readable(entry.body.text))
  const deed = useDeed(async () => {
    const isSame = isBinary || body === readable(entry.body.text)
    const wish = { id: entry.id, method, url, headers: headerPairs(headers), ...(!isSame && { body }) }
    const { id } = await ask<Entry>('POST', 'traffic/replay', wish)
    onClose()
    refreshAll()
    goTo(linkTo('live', [id], query))
  })
  const { refusal } = deed
  return (
    <Dialog title={`Edit and replay ${entry.id}`} onClose={onClose} isWide>
      <Form label="Request to send" onSend={deed.run}>
        <div class="row">
          <TextField label="Method" name="method" value={method} onValue={setMethod} refusal={refusal} />
          <TextField label="Address" name="url" value={url} onValue={setUrl} refusal={refusal} />
        </div>
        <TextField
          label="Headers"
          name="headers"
          rows={5}
          value={headers}
          onValue={setHeaders}
          refusal={refusal}
          hint="One a line; the length of the body is added."
        />
        {isBinary ? (
          <p>Its body is no text and is sent as it was.</p>
        ) : (
          <TextField label="Body" name="body" rows={10} value={body} onValue={setBody} refusal={refusal} />
        )}
        <RefusalNote refusal={refusal} shownFields={['method', 'url', 'headers', 'body']} />
        <footer>
          <button type="button" class="outline secondary" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" aria-busy={deed.isBusy ? 'true' : undefined}>
            Send
          </button>
        </footer>
      </Form>
    </Dialog>
  )
}

function headerText(headers: Fields): string {
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`))
  return lines.filter((line) => !/^(content-length|transfer-encoding|connection):/.test(line)).join('\n')
}

function headerPairs(text: string): [string, string][] {
  return text.split('\n').flatMap((line): [string, string][] => {
    const colon = line.indexOf(':')
    if (line.trim() === '') return []
    return colon < 0 ? [[line.trim(), '']] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]]
  })
}

/** JSON is easier to change when it is indented; anything else stays as it is. */
function readable(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
