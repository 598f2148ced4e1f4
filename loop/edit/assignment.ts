import { UsageError } from '../../common/command.ts'
import { readFieldPath } from './field-path.ts'

/** A field of a file and the text that it gets. */
export interface Assignment {
  readonly file: string
  /** Counted from 1; undefined if the file has to have one document with this path. */
  readonly document: number | undefined
  readonly path: readonly string[]
  readonly text: string
}

/**
 * Reads `FILE:PATH=VALUE`; `FILE#2:PATH` is the second document of the file. The file ends at the first colon,
 * the path at the first equals sign that no backslash precedes.
 *
 * @throws {UsageError}
 */
export function readAssignment(argument: string): Assignment {
  const match = /^([^:]+):((?:\\.|[^\\=])+)=(.*)$/s.exec(argument)
  const [, place = '', path = '', text = ''] = match ?? []
  if (match === null) {
    throw new UsageError(`not FILE:PATH=VALUE: ${JSON.stringify(argument.slice(0, 100))}`)
  }
  const [, file = place, number] = /^(.+)#(\d+)$/.exec(place) ?? []
  if (number !== undefined && !/^[1-9]\d{0,5}$/.test(number)) {
    throw new UsageError(`documents are counted from 1: ${JSON.stringify(place.slice(0, 100))}`)
  }
  return {
    file,
    document: number === undefined ? undefined : Number(number),
    path: readFieldPath(path),
    text
  }
}
