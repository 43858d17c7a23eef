/** Thrown inside a transaction whose row was deleted meanwhile by a reset, a restore, a drop or a cancel; rolls the transaction back. */
export class NoSuchRow extends Error {
  override readonly name = 'NoSuchRow'
}
