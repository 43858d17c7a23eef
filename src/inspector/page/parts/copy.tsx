import { useEffect, useState } from 'preact/hooks'

interface CopyProps {
  text: string | (() => string)
  label: string
  /** A shorter text to show where the label is its accessible name. */
  shownLabel?: string
  small?: boolean
}

/** Button that copies a string and confirms it. */
export function CopyButton({ text, label, shownLabel, small = false }: CopyProps) {
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), 2_000)
    return () => clearTimeout(timer)
  }, [said])
  const copy = () => {
    void toClipboard(typeof text === 'string' ? text : text()).then((isCopied) => setSaid(isCopied ? 'Copied' : 'Could not copy'))
  }
  return (
    <button
      type="button"
      class={small ? 'outline secondary small' : 'outline secondary'}
      aria-label={shownLabel === undefined ? undefined : said || label}
      onClick={copy}
    >
      <span aria-live="polite">{said || (shownLabel ?? label)}</span>
    </button>
  )
}

/** A string to copy, shown in full. */
export function CopyBlock({ text, label }: { text: string; label: string }) {
  return (
    <div class="copy-block">
      <pre tabindex={0} aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} label="Copy" small />
    </div>
  )
}

/** Copies a string. Resolves to false if the browser refused. */
export async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Pages that are not of this machine have no clipboard; a selection can still be copied.
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    const isCopied = document.execCommand('copy')
    area.remove()
    return isCopied
  }
}
