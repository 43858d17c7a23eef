const quote = 34
const backslash = 92

/** Reads the JSON that this store wrote itself, in place and without parsing rows. */
export class ByteText {
  constructor(
    readonly buffer: Buffer,
    public at: number,
    readonly end: number,
  ) {}

  /** Goes past this text if it comes next. */
  takes(text: string): boolean {
    if (this.at + text.length > this.end) return false
    for (let index = 0; index < text.length; index += 1) if (this.buffer[this.at + index] !== text.charCodeAt(index)) return false
    this.at += text.length
    return true
  }

  /** A JSON string, its quotes included in what is passed. */
  string(): string | undefined {
    const { buffer, end } = this
    if (buffer[this.at] !== quote) return undefined
    const start = this.at + 1
    let escaped = false
    for (let at = start; at < end; at += 1) {
      const byte = buffer[at]
      if (byte === backslash) {
        escaped = true
        at += 1
      } else if (byte === quote) {
        this.at = at + 1
        return escaped ? unescaped(buffer.toString('utf8', start - 1, at + 1)) : buffer.toString('utf8', start, at)
      }
    }
    return undefined
  }

  /** A number without sign or fraction. */
  integer(): number | undefined {
    const start = this.at
    let value = 0
    for (let byte = this.buffer[this.at]; byte !== undefined && byte >= 48 && byte <= 57; byte = this.buffer[this.at]) {
      value = value * 10 + byte - 48
      this.at += 1
    }
    return this.at > start && this.at <= this.end ? value : undefined
  }

  /** So many bytes as text of their own, which does not keep the buffer alive. */
  take(bytes: number): string | undefined {
    if (this.at + bytes > this.end) return undefined
    const text = this.buffer.toString('utf8', this.at, this.at + bytes)
    this.at += bytes
    return text
  }
}

function unescaped(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
