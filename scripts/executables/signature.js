/**
 * Removes the signature of an executable for Windows, which is wrong as soon as a byte is changed. Windows treats a wrong signature worse
 * than none.
 *
 * @param {Buffer} file in the format PE32+
 */
export function withoutSignature(file) {
  const header = file.readUInt32LE(0x3c)
  if (file.toString('latin1', header, header + 4) !== 'PE\0\0') throw new Error('The file is not an executable for Windows.')
  const optional = header + 24
  if (file.readUInt16LE(optional) !== 0x20b) throw new Error('The executable is not for 64 bits.')
  // The fifth data directory: offset in the file, and length.
  const entry = optional + 112 + 4 * 8
  const offset = file.readUInt32LE(entry)
  const length = file.readUInt32LE(entry + 4)
  if (length === 0) return file
  if (offset + length !== file.length) throw new Error('Something follows the signature of the executable.')
  const bare = Buffer.from(file.subarray(0, offset))
  bare.fill(0, entry, entry + 8)
  // The checksum is optional for programs, and would be wrong.
  bare.writeUInt32LE(0, optional + 64)
  return bare
}
